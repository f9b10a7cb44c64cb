"""Incidents: what goes wrong on one token stays there, says why, and is tried again by command."""

from __future__ import annotations

import pytest

from engine import commands as c
from tests.definition.diagram import boundary, error, error_root, flow, gateway, message_root, script
from tests.engine.models import OPEN, bpmn, catch, chain, end, human, line, message, one_job, start, task, timer, zeebe
from tests.engine.office import Office, kinds, person


def gate(condition: str) -> bytes:
    """A task, then a gateway with this condition and a way for everything false."""
    parts = (start(), human(), gateway("pilih", default="pilih-tidak"), end("ya"), end("tidak"))
    flows = chain("mulai", "kerja", "pilih") + flow("pilih", "ya", condition) + flow("pilih", "tidak")
    return bpmn(*parts, flows, properties=OPEN)


def only_incident(office: Office, instance: str) -> str:
    (incident,) = office.page(instance).incidents
    return incident.id


def retry(incident: str, actor: str = "pemilik") -> c.RetryIncident:
    return c.RetryIncident(actor=person(actor), incident_id=incident)


@pytest.mark.parametrize(
    ("condition", "given", "kind", "shows"),
    [
        ("=jumlah > 3", {}, "variable_unknown", "jumlah"),
        ("=jumlah > 3", {"jumlah": None}, "condition_not_boolean", "jumlah = None"),
        ("=jumlah > 3", {"jumlah": "tiga"}, "condition_not_boolean", "jumlah = 'tiga'"),
        ("=jumlah", {"jumlah": 1}, "condition_not_boolean", "hasilnya 1"),
    ],
)
def test_a_condition_that_is_not_true_or_false(
    office: Office, condition: str, given: dict[str, object], kind: str, shows: str
) -> None:
    office.deploy(gate(condition))
    instance = office.start()
    office.completes("petugas", "kerja", instance, given)  # type: ignore[arg-type]
    (incident,) = office.page(instance).incidents
    assert (incident.element_id, incident.kind) == ("pilih", kind)
    assert shows in incident.detail
    assert office.state(instance) == "ACTIVE"
    (token,) = office.page(instance).tokens
    assert (token.element_id, token.state) == ("pilih", "failed")


def test_a_retry_goes_on_with_the_variables_as_they_are_now(either_office: Office) -> None:
    office = either_office
    split, join = gateway("pisah", "parallelGateway"), gateway("pilih", default="pilih-tidak")
    parts = (start(), split, human(), join, end("ya"), end("tidak"), end("usai"))
    flows = chain("mulai", "pisah", "kerja", "usai") + flow("pisah", "pilih")
    flows += flow("pilih", "ya", "=jumlah > 3") + flow("pilih", "tidak")
    office.deploy(bpmn(*parts, flows, properties=OPEN))
    instance = office.start()
    incident = only_incident(office, instance)
    office.handle(retry(incident))
    assert only_incident(office, instance) == incident  # nothing has changed: it is there again
    assert office.page(instance).instance.open_incidents == 1
    office.completes("petugas", "kerja", instance, {"jumlah": 4})
    assert office.state(instance) == "ACTIVE"
    outcome = office.handle(retry(incident))
    assert kinds(outcome.events)[0] == "incident:resolved"
    page = office.page(instance)
    assert (page.instance.state, page.instance.open_incidents, page.visits["ya"]) == ("COMPLETED", 0, 1)


def test_other_branches_go_on(office: Office) -> None:
    split = gateway("pisah", "parallelGateway")
    parts = (start(), split, script("hitung", "=tiada.ada + 1"), human("kiri"), human("kanan"))
    flows = chain("mulai", "pisah", "kiri", "kanan", "selesai") + chain("pisah", "hitung", "usai")
    wrong = script("hitung", "=if salah then 1 else 2")
    office.deploy(
        bpmn(
            *parts[:2],
            wrong,
            *parts[3:],
            gateway("cek", default="cek-usai"),
            end(),
            end("usai"),
            end("lain"),
            flows.replace('targetRef="usai"', 'targetRef="cek"') + flow("cek", "usai") + flow("cek", "lain", "=belum"),
            properties=OPEN,
        )
    )
    instance = office.start()
    assert [item.kind for item in office.page(instance).incidents] == ["variable_unknown"]
    office.completes("petugas", "kiri", instance)
    office.completes("petugas", "kanan", instance, {"belum": True})
    assert office.state(instance) == "ACTIVE"
    office.handle(retry(only_incident(office, instance)))
    assert office.state(instance) == "COMPLETED"


def test_more_steps_in_one_command_than_any_process_needs(office: Office) -> None:
    count = script("hitung", "=nomor * 2", "ganda").replace(
        "</bpmn:scriptTask>",
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:extensionElements>'
        + zeebe("loopCharacteristics", inputCollection="=daftar", inputElement="nomor")
        + "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:scriptTask>",
    )
    office.deploy(line(("hitung", count)))
    instance = office.start({"daftar": list(range(1500))})
    (incident,) = office.page(instance).incidents
    assert incident.kind == "endless_loop"
    office.handle(retry(incident.id))
    assert office.state(instance) == "COMPLETED"


@pytest.mark.parametrize("ahead", [True, False])
def test_a_loop_of_timers_that_do_not_wait(office: Office, ahead: bool) -> None:
    wait = catch("tunggu", timer("=lama"))
    parts = (start(), gateway("masuk"), wait, human("kerja"), gateway("cek", default="cek-masuk"), end())
    flows = chain("mulai", "masuk", "tunggu", "cek") + flow("cek", "masuk") + flow("cek", "kerja", "=nilai > 500")
    office.deploy(bpmn(*parts, flows, chain("kerja", "selesai"), properties=OPEN))
    instance = office.start({"lama": "PT0S", "nilai": 501 if ahead else 0})
    other = office.start({"lama": "PT1M", "nilai": 501})
    office.later(minutes=1)
    office.runs()
    assert office.waits_at(other) == ["kerja"]
    if ahead:
        assert (office.waits_at(instance), office.page(instance).incidents) == (["kerja"], ())
        return
    assert [item.kind for item in office.page(instance).incidents] == ["endless_loop"]
    assert office.runs() == 0
    due = office.engine.next_due()
    assert due is not None
    assert due > office.clock.now()


def test_an_incident_of_one_instance_does_not_touch_another(office: Office) -> None:
    office.deploy(gate("=jumlah > 3"))
    broken, fine = office.start(), office.start()
    office.completes("petugas", "kerja", broken)
    office.completes("petugas", "kerja", fine, {"jumlah": 1})
    assert (office.state(broken), office.state(fine)) == ("ACTIVE", "COMPLETED")


@pytest.mark.parametrize(
    ("node", "kind"),
    [
        (catch("tunggu", timer('=if true then null else "PT1H"')), "timer_not_a_duration"),
        (catch("tunggu", timer('="besok"', "timeDate")), "timer_not_a_date"),
        (catch("tunggu", message()), "correlation_key_missing"),
        (task("tunggu", zeebe("assignmentDefinition", candidateGroups="=kelompok")), "nobody_may_do_it"),
        (task("tunggu", zeebe("assignmentDefinition", candidateGroups="=[1, 2]")), "assignment_not_text"),
    ],
)
def test_what_cannot_be_entered_waits_as_an_incident(office: Office, node: str, kind: str) -> None:
    root = message_root() if "message" in node else ""
    office.deploy(line(("tunggu", node), root=root))
    instance = office.start()
    (incident,) = office.page(instance).incidents
    assert (incident.element_id, incident.kind) == ("tunggu", kind)
    rows = office.rows()
    assert (rows["timer"], rows["message_subscription"]) == ([], [])


def test_a_failed_entry_leaves_no_boundary_timer_behind(office: Office) -> None:
    broken = task("kerja", zeebe("assignmentDefinition", candidateGroups="=kelompok"))
    parts = (start(), broken, boundary("ingat", "kerja", timer("PT1H")), end(), end("usai"))
    office.deploy(bpmn(*parts, chain("mulai", "kerja", "selesai") + chain("ingat", "usai"), properties=OPEN))
    instance = office.start()
    assert office.rows()["timer"] == []
    office.later(hours=2)
    office.runs()
    assert office.state(instance) == "ACTIVE"
    assert office.page(instance).instance.open_incidents == 1


def test_an_outer_boundary_event_ends_an_incident_inside(office: Office) -> None:
    inner = task("isi", zeebe("assignmentDefinition", candidateGroups="=kelompok"))
    inside = start("awal") + inner + end("akhir") + chain("awal", "isi", "akhir")
    parts = (start(), f'<bpmn:subProcess id="dalam">{inside}</bpmn:subProcess>')
    parts += (boundary("habis", "dalam", timer("PT1H")), end(), end("usai"))
    office.deploy(bpmn(*parts, chain("mulai", "dalam", "selesai") + chain("habis", "usai"), properties=OPEN))
    instance = office.start()
    assert office.page(instance).instance.open_incidents == 1
    office.later(hours=1)
    office.runs()
    page = office.page(instance)
    assert (page.instance.state, page.instance.open_incidents, page.incidents) == ("COMPLETED", 0, ())


def test_an_incident_while_leaving_is_left_again_without_doing_the_work_twice(office: Office) -> None:
    mapping = zeebe("ioMapping", zeebe("output", source="=nilai.bagian + tambahan", target="hasil"))
    office.deploy(line(("kerja", human("kerja", mapping)), ("pilih", gateway("pilih"))))
    instance = office.start()
    office.completes("petugas", "kerja", instance, {"nilai": {"bagian": 1}})
    assert office.last_task("kerja", instance).state == "COMPLETED"
    assert office.state(instance) == "COMPLETED"
    assert office.variables(instance)["hasil"] is None


def test_refusals_of_retrying(office: Office) -> None:
    office.deploy(one_job(retries="1"))
    office.errand.will_fail(1)
    instance = office.start()
    office.runs()
    incident = only_incident(office, instance)
    for stranger in ("petugas", "kepala", "auditor"):
        assert office.refused(retry(incident, stranger)).http_status == 403
    assert office.refused(retry(f"{instance}:lain.1")).http_status == 409
    assert office.refused(retry("entah:surat.1")).http_status == 404
    office.handle(retry(incident))
    refusal = office.refused(retry(incident))
    assert (refusal.http_status, str(refusal)) == (409, f"Gangguan {incident} sudah tidak ada.")


def test_open_incidents_are_listed_for_those_who_oversee(office: Office) -> None:
    office.deploy(gate("=jumlah > 3"))
    instance = office.start()
    office.completes("petugas", "kerja", instance)
    assert [item.instance_id for item in office.engine.incidents(office.account("pemilik"))] == [instance]
    office.handle(c.CancelProcessInstance(actor=person("pemilik"), instance_id=instance, reason="Keliru"))
    assert office.engine.incidents(office.account("pemilik")) == ()


def test_what_was_found_is_kept_beside_the_chain_and_not_in_it(office: Office) -> None:
    office.deploy(gate("=jumlah > 3"))
    instance = office.start()
    task_id = office.claims("petugas", "kerja", instance)
    values = {"jumlah": "rahasia-123"}
    outcome = office.handle(c.CompleteUserTask(actor=person("petugas"), task_id=task_id, values=values))
    (raised,) = [item for item in outcome.events if item["event"] == "incident:raised"]
    assert raised == {"event": "incident:raised", "id": "pilih.1", "kind": "condition_not_boolean"}


def test_a_bpmn_error_end_event_is_caught_around_its_sub_process(office: Office) -> None:
    inside = start("awal") + end("gagal", error()) + chain("awal", "gagal")
    parts = (start(), f'<bpmn:subProcess id="dalam">{inside}</bpmn:subProcess>', boundary("tangkap", "dalam", error()))
    flows = chain("mulai", "dalam", "selesai") + chain("tangkap", "kerja", "usai")
    office.deploy(bpmn(*parts, human(), end(), end("usai"), flows, root=error_root(), properties=OPEN))
    instance = office.start()
    assert office.waits_at(instance) == ["kerja"]
