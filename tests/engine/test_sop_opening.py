"""Steps 1 to 3: the daily opening of one team."""

from __future__ import annotations

from engine import commands as c
from tests.engine.office import (
    COMPLAINING,
    DELEGATED,
    FOLLOWED_UP,
    INFORMED,
    INSTRUCTED,
    NOT_READY,
    READY,
    REPORTED,
    SERVED,
    WAITING_CUSTOMER,
    Office,
    person,
)


def lap(office: Office, instance: str, answer: dict[str, object]) -> None:
    """The leader instructs and the officer answers."""
    office.completes("katim", "instruksi", instance, INSTRUCTED)
    office.completes("petugas", "kesiapan", instance, answer)


def test_an_opening_that_is_ready_ends_with_the_service_begun(office: Office) -> None:
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    lap(office, instance, READY)
    assert office.state(instance) == "COMPLETED"
    assert office.page(instance).visits["akhir_pelayanan_dimulai"] == 1
    assert office.breaches(instance) == []


def test_a_tidak_goes_back_to_the_leader_with_its_reason(office: Office) -> None:
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    lap(office, instance, NOT_READY)
    assert office.waits_at(instance) == ["instruksi"]
    task = office.engine.task(office.account("katim"), office.task("instruksi", instance).id)
    assert task.variables["alasan_belum_siap"] == "ATK habis"


def test_a_tidak_without_a_reason_is_refused(office: Office) -> None:
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    office.completes("katim", "instruksi", instance, INSTRUCTED)
    task = office.claims("petugas", "kesiapan", instance)
    answer = {key: value for key, value in NOT_READY.items() if key != "alasan_tidak_siap"}
    refusal = office.refused(c.CompleteUserTask(actor=person("petugas"), task_id=task, values=answer))
    assert refusal.http_status == 422
    assert "Alasan belum siap" in str(refusal)


def test_turns_of_the_loop_are_counted(office: Office) -> None:
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    for _ in range(3):
        lap(office, instance, NOT_READY)
    lap(office, instance, READY)
    visits = office.page(instance).visits
    assert (visits["delegasi"], visits["instruksi"], visits["kesiapan"]) == (1, 4, 4)
    assert office.state(instance) == "COMPLETED"


def test_laps_that_are_each_in_time_do_not_hide_that_the_counter_opened_late(office: Office) -> None:
    instance = office.opening()
    office.at("07:31")
    office.completes("kepala", "delegasi", instance, DELEGATED)
    for minute in ("07:40", "07:50", "08:00"):
        office.at(minute)
        office.completes("katim", "instruksi", instance, INSTRUCTED)
        if minute != "08:00":
            office.later(minutes=5)
            office.completes("petugas", "kesiapan", instance, NOT_READY)
    office.at("08:04")
    office.completes("petugas", "kesiapan", instance, READY)
    assert office.breaches(instance) == [("waktu_jam_layanan", "23 08:00", "23 08:00")]
    assert office.told("katim", instance) == ["kesiapan"]
    assert office.last_task("kesiapan", instance).breached_at is not None


def test_a_lap_that_begins_after_the_counters_should_be_open_is_late_from_its_beginning(office: Office) -> None:
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    office.at("08:20")
    office.completes("katim", "instruksi", instance, INSTRUCTED)
    office.later(minutes=1)
    office.completes("petugas", "kesiapan", instance, READY)
    assert ("waktu_jam_layanan", "23 08:00", "23 08:20") in office.breaches(instance)


def test_the_leader_may_answer_for_an_officer_who_is_absent(office: Office) -> None:
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    office.completes("katim", "instruksi", instance, INSTRUCTED)
    office.completes("katim", "kesiapan", instance, READY | {"mewakili_petugas": True})
    assert office.variables(instance)["mewakili_petugas"] is True


def test_one_run_walks_all_eight_rows_of_the_paper(either_office: Office) -> None:
    office = either_office
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    lap(office, instance, NOT_READY)
    lap(office, instance, WAITING_CUSTOMER)
    office.completes("petugas", "pelayanan", instance, SERVED)
    office.completes("petugas", "informasi", instance, INFORMED)
    office.completes("katim", "penerimaan", instance, COMPLAINING)
    office.completes("katim", "tindak_lanjut", instance, FOLLOWED_UP)
    office.completes("kepala", "laporan_keluhan", instance, REPORTED)
    page = office.page(instance)
    rows = {task.sop_number for task in page.tasks}
    assert rows == {"1", "2", "3", "4", "5", "6", "7", "8"}
    assert page.instance.state == "COMPLETED"
    assert page.instance.business_key == "K-2026-00001"
    assert page.visits["akhir_keluhan_ditutup"] == 1
    assert page.variables["nama_pelanggan"] == "•••"


def test_another_teams_people_neither_see_nor_take_the_opening(office: Office) -> None:
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    task = office.task("instruksi", instance).id
    assert office.inbox("katim", instance) == ["instruksi"]
    for stranger in ("katim2", "petugas", "petugas2"):
        assert office.inbox(stranger, instance) == []
        refusal = office.refused(c.ClaimUserTask(actor=person(stranger), task_id=task))
        assert refusal.http_status == 403
