"""What happens to a process instance as a whole: start, cancel, suspend, resume."""

from __future__ import annotations

import pytest

from engine import commands as c
from tests.definition.diagram import boundary, message_root
from tests.engine.models import (
    OPEN,
    bpmn,
    chain,
    element,
    end,
    form,
    human,
    line,
    message,
    one_job,
    one_task,
    start,
    timer,
    zeebe,
)
from tests.engine.office import Office, kinds, person


def begin(actor: str, **more: object) -> c.StartProcessInstance:
    return c.StartProcessInstance(actor=person(actor), key="proses", **more)  # type: ignore[arg-type]


# -- start ----------------------------------------------------------------------------------------------------------


def test_starting_needs_a_process_in_force(office: Office) -> None:
    refusal = office.refused(begin("petugas"))
    assert (refusal.http_status, str(refusal)) == (404, "Proses proses tidak ada atau belum berlaku.")


def test_starting_needs_to_say_where_when_there_are_several_ways(office: Office) -> None:
    command = c.StartProcessInstance(actor=person("kepala"), key="pelayanan_prima")
    refusal = office.refused(command)
    assert refusal.http_status == 422
    assert "mulai_hari_layanan, pelanggan_datang, keluhan_masuk" in str(refusal)
    nowhere = c.StartProcessInstance(actor=person("kepala"), key="pelayanan_prima", start_event="delegasi")
    assert office.refused(nowhere).http_status == 404


def test_starting_is_for_the_lane_of_the_start_event(office: Office) -> None:
    form = office.complaint_form()
    for stranger in ("kepala", "auditor", "pejabat_luar"):
        command = c.StartProcessInstance(
            actor=person(stranger), key="pelayanan_prima", start_event="keluhan_masuk", variables=form
        )
        assert office.refused(command).http_status == 403
    office.deploy(one_task())
    assert office.refused(begin("auditor")).http_status == 403
    assert office.refused(begin("siapa")).http_status == 403
    assert office.handle(begin("petugas")).instance_id


def test_an_instance_knows_who_started_it_when_and_by_which_key(office: Office) -> None:
    office.deploy(one_task())
    instance = office.handle(begin("petugas", business_key="AB-1", variables={"tim": "tim-a"})).instance_id
    view = office.page(instance).instance
    assert (view.business_key, view.team, view.started_by, view.state) == ("AB-1", "tim-a", "petugas", "ACTIVE")
    (found,) = office.engine.instances(office.account("auditor"), text="AB-").rows
    assert found.id == instance


def test_undeclared_variables_are_refused_by_name(office: Office) -> None:
    fields = form("isian", {"type": "textfield", "key": "nama", "label": "Nama"})
    office.deploy(line(("kerja", human("kerja", zeebe("formDefinition", formId="isian"))), properties=""), isian=fields)
    refusal = office.refused(begin("petugas", variables={"nama": "Ani", "siapa": 1}))
    assert refusal.http_status == 422
    assert str(refusal) == "Variabel siapa tidak dikenal di proses Proses uji."


def test_an_instance_stays_on_the_version_it_began_with(office: Office) -> None:
    office.deploy(one_task())
    old = office.start()
    office.deploy(line(("kerja", human()), ("lagi", human("lagi"))))
    new = office.start()
    for instance in (old, new):
        office.completes("petugas", "kerja", instance)
    assert (office.state(old), office.waits_at(new)) == ("COMPLETED", ["lagi"])
    assert (office.page(old).instance.version, office.page(new).instance.version) == (1, 2)


# -- cancel ---------------------------------------------------------------------------------------------------------


def busy(office: Office) -> str:
    """An instance with a task, its boundary timer and message, and a job."""
    split = element("parallelGateway", "pisah")
    parts = (
        human(),
        boundary("ingat", "kerja", timer("PT1H"), cancelActivity="false"),
        boundary("kabar_tiba", "kerja", message(), cancelActivity="false"),
        element(
            "serviceTask",
            "surat",
            f"<bpmn:extensionElements>{zeebe('taskDefinition', type='kirim_surat')}</bpmn:extensionElements>",
        ),
        *(end(name) for name in ("usai", "usai2", "usai3", "usai4")),
    )
    flows = chain("mulai", "pisah", "kerja", "usai") + chain("pisah", "surat", "usai2")
    flows += chain("ingat", "usai3") + chain("kabar_tiba", "usai4")
    office.deploy(bpmn(start(), split, *parts, flows, root=message_root(), properties=OPEN))
    return office.start({"nomor": "7"})


def test_cancelling_withdraws_everything(office: Office) -> None:
    instance = busy(office)
    rows = office.rows()
    assert [len(rows[name]) for name in ("timer", "job", "message_subscription")] == [1, 1, 1]
    office.claims("petugas", "kerja", instance)
    command = c.CancelProcessInstance(actor=person("pemilik"), instance_id=instance, reason="Salah ketik")
    outcome = office.handle(command)
    assert kinds(outcome.events)[-1] == "process_instance:terminated"
    rows = office.rows()
    assert [rows[name] for name in ("timer", "job", "message_subscription", "user_task_candidate")] == [[], [], [], []]
    assert office.last_task("kerja", instance).state == "WITHDRAWN"
    assert office.state(instance) == "TERMINATED"
    assert "Alasan: Salah ketik" in office.sentences(instance)
    office.later(hours=2)
    assert office.runs() == 2  # the two scheduled openings, and nothing of this instance


def test_refusals_of_cancelling(office: Office) -> None:
    office.deploy(one_task())
    instance = office.start()
    silent = c.CancelProcessInstance(actor=person("pemilik"), instance_id=instance, reason="  ")
    assert (office.refused(silent).http_status, str(office.refused(silent))) == (422, "Alasan wajib diisi.")
    for stranger in ("petugas", "kepala", "auditor"):
        command = c.CancelProcessInstance(actor=person(stranger), instance_id=instance, reason="iseng")
        assert office.refused(command).http_status == 403
    missing = c.CancelProcessInstance(actor=person("admin"), instance_id="tidak-ada", reason="iseng")
    assert office.refused(missing).http_status == 404
    office.completes("petugas", "kerja", instance)
    over = c.CancelProcessInstance(actor=person("admin"), instance_id=instance, reason="terlambat")
    assert (office.refused(over).http_status, str(office.refused(over))) == (409, "Berkas proses ini sudah selesai.")


# -- suspend and resume ---------------------------------------------------------------------------------------------


def test_nothing_happens_in_a_suspended_instance_until_it_is_resumed(either_office: Office) -> None:
    office = either_office
    instance = busy(office)
    task = office.claims("petugas", "kerja", instance)
    office.handle(c.SuspendProcessInstance(actor=person("pemilik"), instance_id=instance, reason="Diperiksa"))
    assert office.state(instance) == "SUSPENDED"
    office.handle(c.PublishMessage(actor=person("petugas"), name="kabar", correlation_key="7", variables={"isi": 1}))
    office.later(minutes=20)
    office.at("2026-11-23 07:25")
    office.runs()
    office.runs()
    assert office.errand.seen == []
    refusal = office.refused(c.CompleteUserTask(actor=person("petugas"), task_id=task))
    assert (refusal.http_status, str(refusal)) == (409, "Berkas proses ini sedang ditangguhkan.")
    office.at("2026-11-23 09:00")
    office.runs()
    office.handle(c.ResumeProcessInstance(actor=person("pemilik"), instance_id=instance))
    office.runs()
    assert len(office.errand.seen) == 1
    visits = office.page(instance).visits
    assert (visits["ingat"], visits["kabar_tiba"]) == (1, 1)
    assert office.variables(instance)["isi"] == 1
    office.completes("petugas", "kerja", instance)
    assert office.state(instance) == "COMPLETED"


def test_a_timer_that_fell_due_during_suspension_fires_after_it_with_its_due_time(office: Office) -> None:
    instance = busy(office)
    office.handle(c.SuspendProcessInstance(actor=person("pemilik"), instance_id=instance, reason="Diperiksa"))
    office.at("09:00")
    office.handle(c.ResumeProcessInstance(actor=person("pemilik"), instance_id=instance))
    office.runs()
    (fired,) = [line for line in office.page(instance).history if line.element_id == "ingat"]
    assert (fired.params["late"], fired.at[11:16]) == ("60", "02:00")


def test_refusals_of_suspending_and_resuming(office: Office) -> None:
    office.deploy(one_task())
    instance = office.start()
    suspend = c.SuspendProcessInstance(actor=person("pemilik"), instance_id=instance, reason="Diperiksa")
    resume = c.ResumeProcessInstance(actor=person("pemilik"), instance_id=instance)
    assert str(office.refused(resume)) == "Berkas proses ini tidak sedang ditangguhkan."
    silent = c.SuspendProcessInstance(actor=person("pemilik"), instance_id=instance, reason="")
    assert office.refused(silent).http_status == 422
    stranger = c.SuspendProcessInstance(actor=person("katim"), instance_id=instance, reason="iseng")
    assert office.refused(stranger).http_status == 403
    office.handle(suspend)
    assert office.refused(suspend).http_status == 409
    assert office.refused(c.ResumeProcessInstance(actor=person("katim"), instance_id=instance)).http_status == 403
    office.handle(resume)
    assert office.refused(resume).http_status == 409


def test_a_suspended_instance_may_be_cancelled(office: Office) -> None:
    instance = busy(office)
    office.handle(c.SuspendProcessInstance(actor=person("pemilik"), instance_id=instance, reason="Diperiksa"))
    office.handle(c.CancelProcessInstance(actor=person("pemilik"), instance_id=instance, reason="Keliru"))
    assert office.state(instance) == "TERMINATED"
    assert office.rows()["job"] == []


def test_a_suspended_task_is_shown_as_such(office: Office) -> None:
    office.deploy(one_task())
    instance = office.start()
    office.handle(c.SuspendProcessInstance(actor=person("pemilik"), instance_id=instance, reason="Diperiksa"))
    task = office.task("kerja", instance)
    assert task.suspended
    detail = office.engine.task(office.account("petugas"), task.id)
    assert (detail.may_claim, detail.may_complete, detail.may_assign) == (False, False, False)


@pytest.mark.parametrize("job_state", ["COMPLETED", "TERMINATED"])
def test_a_job_report_for_an_instance_that_is_over_is_rejected(office: Office, job_state: str) -> None:
    office.deploy(one_job())
    instance = office.start()
    report = c.CompleteJob(actor=c.SYSTEM, job_id=f"{instance}:surat.1", attempt=1)
    if job_state == "COMPLETED":
        office.handle(report)
    else:
        office.handle(c.CancelProcessInstance(actor=person("admin"), instance_id=instance, reason="Keliru"))
    assert office.state(instance) == job_state
    assert office.refused(report).http_status == 409
