"""Starting: who may, with which form, and where it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.jobs.runner import Runner
from tests.engine.office import Office
from tests.web.conftest import Enter

VISIT = "/start/pelayanan_prima/pelanggan_datang"
COMPLAINT = "/start/pelayanan_prima/keluhan_masuk"
CUSTOMER = {
    "isian.jenis_layanan": "cop",
    "isian.nama_pelanggan": "PT Samudra <b>Jaya</b>",
    "isian.no_permintaan": "P-77",
}


@contextmanager
def running(office: Office) -> Iterator[None]:
    """The runner carries jobs out meanwhile, as in a server."""
    runner = Runner(office.engine)
    runner.start()
    try:
        yield
    finally:
        runner.stop()


def started(office: Office, start_event: str) -> list[str]:
    """The instances that began there."""
    rows = office.engine.instances(office.account("auditor")).rows
    return [row.id for row in rows if row.start_event == start_event]


def test_one_is_offered_what_ones_lanes_may_start(enter: Enter) -> None:
    officer = enter("petugas").opens("/start")
    assert "Pelanggan datang" in officer.text
    assert "Mulai hari layanan" not in officer.text
    assert "Mulai hari layanan" in enter("kepala").opens("/start").text
    assert "Tidak ada proses yang dapat Anda mulai." in enter("auditor").opens("/start").text


def test_a_start_that_is_not_offered_is_refused_and_one_that_is_not_there_not_found(enter: Enter) -> None:
    officer = enter("petugas")
    refusal = officer.opens("/start/pelayanan_prima/mulai_hari_layanan")
    assert (refusal.status, "Anda tidak berwenang memulai" in refusal.text) == (403, True)
    for path in ("/start/pelayanan_prima/rahasia", "/start/rahasia/x"):
        assert officer.opens(path).status == 404
    token = officer.opens("/").fields("/logout")["csrf_token"]
    assert officer.posts("/start/pelayanan_prima/mulai_hari_layanan", {"csrf_token": token}).status == 403


def test_a_visit_begins_with_my_team_and_name_and_leads_to_step_4(office: Office, enter: Enter) -> None:
    officer = enter("petugas")
    page = officer.opens(VISIT)
    assert page.fields(VISIT)["isian.tim"] == ["tim-a"]
    assert "Petugas yang melayani Sari Lestari" in page.text
    with running(office):
        task = officer.sends(page, VISIT, CUSTOMER)
    assert task.answer.request.path.endswith(":pelayanan.1")
    assert "“Pelanggan datang” sudah dimulai." in task.text
    assert "Nama pelanggan PT Samudra <b>Jaya</b>" in task.text
    assert "P-77" in task.text


def test_a_start_form_with_mistakes_starts_nothing(office: Office, enter: Enter) -> None:
    officer = enter("petugas")
    page = officer.sends(officer.opens(VISIT), VISIT, {"isian.nama_pelanggan": "X"})
    assert page.status == 422
    assert '"Jenis layanan" wajib diisi.' in page.text
    assert '"Nama pelanggan" paling sedikit 2 karakter, ditemukan 1.' in page.text
    assert page.fields(VISIT)["isian.nama_pelanggan"] == ["X"]
    assert started(office, "pelanggan_datang") == []


def test_sending_a_start_form_twice_starts_once(office: Office, enter: Enter) -> None:
    officer = enter("petugas")
    page = officer.opens(VISIT)
    with running(office):
        locations = [officer.sends(page, VISIT, CUSTOMER, follow=False).answer.location for _ in range(2)]
    assert locations[0] == locations[1]
    assert len(started(office, "pelanggan_datang")) == 1


def test_a_complaint_typed_in_is_not_for_the_eyes_of_its_typist(office: Office, enter: Enter) -> None:
    typist = enter("katim2")
    values = {
        "isian.layanan": "cop",
        "isian.tim": "tim-a",
        "isian.isi_keluhan": "Antrean sangat lama sekali",
        "isian.kanal": "langsung",
        "isian.diterima_pada": "2026-11-23T07:00",
    }
    with running(office):
        page = typist.sends(typist.opens(COMPLAINT), COMPLAINT, values)
    assert page.status == 200
    assert "“Keluhan masuk” sudah dimulai." in page.text
    assert "Antrean sangat lama sekali" not in page.source
    (instance,) = started(office, "keluhan_masuk")
    assert [task.element_id for task in office.open_tasks(instance)] == ["tindak_lanjut"]


def test_a_reason_is_asked_for_when_a_complaint_is_entered_late(office: Office, enter: Enter) -> None:
    office.at("10:00")
    typist = enter("katim2")
    page = typist.opens(COMPLAINT)
    sent = page.fields(COMPLAINT) | {"isian.diterima_pada": "2026-11-23T08:00"}
    part = typist.posts(f"{COMPLAINT}/form", sent, HX_Request="true")
    assert "isian-alasan_dicatat_kemudian" in part.source
    part = typist.posts(f"{COMPLAINT}/form", sent | {"isian.diterima_pada": "2026-11-23T09:30"}, HX_Request="true")
    assert "isian-alasan_dicatat_kemudian" not in part.source
