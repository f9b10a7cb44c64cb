"""Steps 4 to 6: one customer's visit."""

from __future__ import annotations

import pytest

from engine import commands as c
from engine.errors import FormRejected
from tests.engine.office import (
    COMPLAINING,
    CONTENT,
    INFORMED,
    SERVED,
    Office,
    person,
    shown,
)


def test_a_visit_without_a_complaint_ends_so(office: Office) -> None:
    instance = office.served()
    office.completes("katim", "penerimaan", instance, CONTENT)
    page = office.page(instance)
    assert page.instance.state == "COMPLETED"
    assert page.visits["akhir_tanpa_keluhan"] == 1
    assert page.instance.business_key == "P-1"
    assert "nomor_tiket" not in page.variables


def test_steps_4_and_5_open_one_after_the_other_and_are_held_by_who_began(office: Office) -> None:
    instance = office.visit()
    assert [(task.element_id, task.assignee) for task in office.open_tasks(instance)] == [("pelayanan", "petugas")]
    office.completes("petugas", "pelayanan", instance, SERVED)
    assert [(task.element_id, task.assignee) for task in office.open_tasks(instance)] == [("informasi", "petugas")]
    assert office.inbox("petugas", instance, "mine") == ["informasi"]


@pytest.mark.parametrize(
    ("service", "due"),
    [("cop", "23 07:20"), ("kesehatan-pelaut", "23 11:00"), ("pengawasan-disinseksi", "26 07:30")],
)
def test_the_deadline_is_the_published_time_of_the_service(office: Office, service: str, due: str) -> None:
    instance = office.visit(service=service)
    assert shown(office.task("pelayanan", instance).due_at) == due


def test_the_deadline_is_frozen_when_the_visit_begins(office: Office) -> None:
    instance = office.visit()
    changed = b"kode,nama,standar_waktu,kalender,keterangan\ncop,Free pratique (COP),PT90M,,diubah\n"
    office.handle(c.AdoptCatalogue(actor=c.SYSTEM, document=changed))
    office.later(minutes=5)
    office.completes("petugas", "pelayanan", instance, SERVED)
    assert shown(office.task("informasi", instance).due_at) == "23 07:20"
    later = office.visit()
    assert shown(office.task("pelayanan", later).due_at) == "23 08:35"


def test_steps_4_and_5_have_one_time_standard_and_break_it_once(office: Office) -> None:
    instance = office.visit()
    office.later(minutes=10)
    office.completes("petugas", "pelayanan", instance, SERVED)
    office.later(minutes=15)
    office.completes("petugas", "informasi", instance, INFORMED)
    assert office.breaches(instance) == [("waktu_layanan", "23 07:20", "23 07:25")]
    assert office.last_task("informasi", instance).breached_at is not None
    assert office.last_task("pelayanan", instance).breached_at is None
    assert office.told("katim", instance) == ["informasi"]


def test_a_standard_broken_during_step_4_is_not_broken_again_by_step_5(office: Office) -> None:
    instance = office.visit()
    office.later(minutes=30)
    office.completes("petugas", "pelayanan", instance, SERVED)
    office.later(minutes=30)
    office.completes("petugas", "informasi", instance, INFORMED)
    assert office.breaches(instance) == [("waktu_layanan", "23 07:20", "23 07:30")]
    assert office.last_task("pelayanan", instance).breached_at is not None


def test_step_6_that_nobody_answers_is_withdrawn_and_never_late(office: Office) -> None:
    instance = office.served()
    task = office.task("penerimaan", instance)
    assert task.waits_for_customer
    office.later(minutes=59)
    office.runs()
    assert office.waits_at(instance) == ["penerimaan"]
    office.later(minutes=1)
    office.runs()
    page = office.page(instance)
    assert page.instance.state == "COMPLETED"
    assert page.visits["akhir_tanpa_konfirmasi"] == 1
    assert office.last_task("penerimaan", instance).state == "WITHDRAWN"
    assert page.breaches == ()
    assert not any(line.late for line in page.history)


def test_step_6_answered_after_its_hour_is_refused_even_if_no_timer_ran(office: Office) -> None:
    instance = office.served()
    task = office.claims("katim", "penerimaan", instance)
    office.later(minutes=61)
    refusal = office.refused(c.CompleteUserTask(actor=person("katim"), task_id=task, values=CONTENT))
    assert refusal.http_status == 409
    assert "ditarik" in str(refusal)
    office.runs()
    assert office.state(instance) == "COMPLETED"


def test_a_waiting_customer_is_not_shown_as_late(office: Office) -> None:
    instance = office.served()
    office.later(minutes=60)
    (token,) = office.page(instance).tokens
    assert (token.element_id, token.late) == ("penerimaan", False)


def test_the_complaint_text_is_needed_only_with_a_complaint(office: Office) -> None:
    instance = office.served()
    task = office.claims("katim", "penerimaan", instance)
    values = {key: value for key, value in COMPLAINING.items() if key != "isi_keluhan"}
    with pytest.raises(FormRejected) as caught:
        office.handle(c.CompleteUserTask(actor=person("katim"), task_id=task, values=values))
    assert [problem.key for problem in caught.value.problems] == ["isi_keluhan"]
    office.completes("katim", "penerimaan", instance, CONTENT)
    assert office.state(instance) == "COMPLETED"


def test_a_complaint_at_step_6_is_registered_at_once(office: Office) -> None:
    instance = office.served()
    office.later(minutes=3)
    office.completes("katim", "penerimaan", instance, COMPLAINING)
    variables = office.variables(instance)
    assert variables["nomor_tiket"] == "K-2026-00001"
    assert len(str(variables["kode_tiket"])) == 8
    assert variables["petugas_dikeluhkan"] == "petugas"
    assert office.page(instance).instance.business_key == "K-2026-00001"
    assert shown(office.task("tindak_lanjut", instance).due_at) == "26 07:03"
