"""Jobs: results, retries with growing pauses, stale attempts, BPMN errors, and what a restart leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import commands as c
from engine.errors import JobFailed
from tests.definition.diagram import boundary, error, error_root, job
from tests.engine.models import OPEN, bpmn, chain, end, human, one_job, properties, start, task, zeebe
from tests.engine.office import Office, kinds, local


def job_of(instance: str) -> str:
    return f"{instance}:surat.1"


def test_a_job_is_given_what_it_needs_and_its_results_are_kept(either_office: Office) -> None:
    office = either_office
    office.deploy(one_job())
    office.errand.script.append({"nomor_surat": "S-1"})
    instance = office.start({"alamat": "Jl. Melati"})
    assert office.runs() == 1
    (given,) = office.errand.seen
    assert (given.id, given.attempt, given.type) == (job_of(instance), 1, "kirim_surat")
    assert (given.instance_id, given.element_id) == (instance, "surat")
    assert (dict(given.variables), given.now) == ({"alamat": "Jl. Melati"}, office.clock.now())
    assert office.variables(instance) == {"alamat": "Jl. Melati", "nomor_surat": "S-1"}
    assert office.state(instance) == "COMPLETED"
    assert office.runs() == 0


def test_a_failing_handler_is_tried_again_after_growing_pauses(office: Office) -> None:
    office.deploy(one_job())
    office.errand.will_fail(2)
    instance = office.start()
    office.runs()
    assert office.engine.next_due() == office.clock.now() + timedelta(seconds=10)
    office.later(seconds=9)
    assert office.runs() == 0
    office.later(seconds=1)
    office.runs()
    assert office.engine.next_due() == office.clock.now() + timedelta(seconds=20)
    office.later(seconds=20)
    office.runs()
    assert [item.attempt for item in office.errand.seen] == [1, 2, 3]
    assert len({item.id for item in office.errand.seen}) == 1
    assert office.state(instance) == "COMPLETED"


def test_without_retries_left_it_is_an_incident_that_says_why(office: Office) -> None:
    office.deploy(one_job(retries="2"))
    office.errand.will_fail(2)
    instance = office.start()
    for _ in range(3):
        office.runs()
        office.later(minutes=1)
    (incident,) = office.page(instance).incidents
    assert (incident.element_id, incident.kind, incident.detail) == ("surat", "job_failed", "mesin surat mati")
    assert office.page(instance).instance.open_incidents == 1
    assert len(office.errand.seen) == 2
    office.handle(c.RetryIncident(actor=c.SYSTEM, incident_id=incident.id))
    office.runs()
    assert (office.state(instance), office.page(instance).incidents) == ("COMPLETED", ())
    assert office.errand.seen[-1].attempt == 3


def test_a_failure_that_cannot_be_mended_by_trying_is_an_incident_at_once(office: Office) -> None:
    office.deploy(one_job())
    office.errand.script.append(JobFailed("alamat kosong", retry=False))
    instance = office.start()
    office.runs()
    (incident,) = office.page(instance).incidents
    assert incident.detail == "alamat kosong"


def test_a_handlers_own_mistake_is_the_jobs_failure(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.deploy(one_job(retries="1"))
    office.errand.script.append(ZeroDivisionError("dibagi nol"))
    instance = office.start()
    office.runs()
    (incident,) = office.page(instance).incidents
    assert incident.detail == "ZeroDivisionError: dibagi nol"


def test_results_that_are_not_declared_are_an_incident(office: Office) -> None:
    service = task(
        "surat", zeebe("taskDefinition", type="kirim_surat"), properties(result__nomor="string"), kind="serviceTask"
    )
    office.deploy(bpmn(start(), service, end(), chain("mulai", "surat", "selesai")))
    office.errand.script += [{"nomor": "1", "rahasia": 2}, {"nomor": "1"}]
    instance = office.start()
    office.runs()
    (incident,) = office.page(instance).incidents
    assert "rahasia" in incident.detail
    office.handle(c.RetryIncident(actor=c.SYSTEM, incident_id=incident.id))
    office.runs()
    assert office.variables(instance) == {"nomor": "1"}


def test_a_stale_attempt_is_rejected(office: Office) -> None:
    office.deploy(one_job())
    instance = office.start()
    first = {"actor": c.SYSTEM, "job_id": job_of(instance), "attempt": 1}
    office.handle(c.FailJob(detail="putus", **first))
    for late in (c.CompleteJob(**first), c.FailJob(detail="putus", **first), c.ThrowJobError(code="x", **first)):
        refusal = office.refused(late)
        assert refusal.http_status == 409
        assert "percobaan 1" in str(refusal)
    office.handle(c.CompleteJob(actor=c.SYSTEM, job_id=job_of(instance), attempt=2))
    assert office.state(instance) == "COMPLETED"


def test_a_late_report_on_a_job_that_became_an_incident_is_rejected(office: Office) -> None:
    office.deploy(one_job(retries="1"))
    instance = office.start()
    first = {"actor": c.SYSTEM, "job_id": job_of(instance), "attempt": 1}
    office.handle(c.FailJob(detail="putus", **first))
    assert office.refused(c.CompleteJob(**first)).http_status == 409
    assert office.page(instance).instance.open_incidents == 1


def test_a_job_that_does_not_exist_is_rejected(office: Office) -> None:
    office.deploy(one_job())
    instance = office.start()
    assert office.refused(c.CompleteJob(actor=c.SYSTEM, job_id=f"{instance}:lain.1", attempt=1)).http_status == 409
    assert office.refused(c.CompleteJob(actor=c.SYSTEM, job_id="entah:surat.1", attempt=1)).http_status == 404
    assert office.refused(c.CompleteJob(actor=c.SYSTEM, job_id="entah", attempt=1)).http_status == 404


def with_error_boundary(code: str = "habis") -> bytes:
    parts = (job("surat"), boundary("tangkap", "surat", error()), human("urus"), end(), end("usai"))
    flows = chain("mulai", "surat", "selesai") + chain("tangkap", "urus", "usai")
    return bpmn(start(), *parts, flows, root=error_root(code=code), properties=OPEN)


def test_a_bpmn_error_goes_to_the_boundary_event_that_catches_it(office: Office) -> None:
    office.deploy(with_error_boundary())
    office.errand.will_throw("habis")
    instance = office.start()
    office.runs()
    assert office.waits_at(instance) == ["urus"]
    assert office.rows()["job"] == []
    office.completes("petugas", "urus", instance)
    assert office.state(instance) == "COMPLETED"


def test_a_bpmn_error_that_nothing_catches_is_one_incident_and_is_not_tried_by_itself(office: Office) -> None:
    office.deploy(with_error_boundary())
    office.errand.will_throw("lain")
    instance = office.start()
    for _ in range(3):
        office.runs()
        office.later(minutes=5)
    page = office.page(instance)
    assert [item.kind for item in page.incidents] == ["error_not_caught"]
    assert (page.instance.open_incidents, len(office.errand.seen)) == (1, 1)
    office.handle(c.RetryIncident(actor=c.SYSTEM, incident_id=page.incidents[0].id))
    office.runs()
    assert office.state(instance) == "COMPLETED"


def test_jobs_left_by_a_server_that_died_are_carried_out_by_the_next(office: Office) -> None:
    office.deploy(one_job())
    instance = office.start()
    office.reopen()
    assert office.state(instance) == "ACTIVE"
    office.runs()
    assert office.state(instance) == "COMPLETED"


def test_a_pause_survives_a_restart(office: Office) -> None:
    office.deploy(one_job())
    office.errand.will_fail(1)
    office.start()
    office.runs()
    office.reopen()
    assert office.runs() == 0
    assert office.engine.next_due() == local("2026-11-23 07:00") + timedelta(seconds=10)


def test_one_failing_job_does_not_keep_another_from_being_done(office: Office) -> None:
    office.deploy(one_job(retries="1"))
    office.errand.will_fail(1)
    broken, fine = office.start(), office.start()
    office.runs()
    assert (office.state(broken), office.state(fine)) == ("ACTIVE", "COMPLETED")


def test_the_events_of_a_failure_say_how_many_tries_are_left(office: Office) -> None:
    office.deploy(one_job())
    instance = office.start()
    outcome = office.handle(c.FailJob(actor=c.SYSTEM, job_id=job_of(instance), attempt=1, detail="putus"))
    assert kinds(outcome.events) == ["job:failed"]
    assert outcome.events[0]["retries"] == 2
    assert "putus" not in repr(outcome.events)
