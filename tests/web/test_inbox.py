"""The inbox: whose tasks, how late, and one click to take one."""

from __future__ import annotations

import pytest

from engine import commands as c
from engine.views import TaskView
from tests.engine.office import Office
from tests.web.conftest import Enter
from tests.web.visitor import Sheet


def row_of(page: Sheet, task: TaskView) -> str:
    """The words of a task's row."""
    (row,) = page.texts(f"//ol[@data-list]/li[@id='tugas-{task.id}']")
    return row


def test_the_queue_shows_step_number_lane_times_and_the_way_to_take_it(office: Office, enter: Enter) -> None:
    task = office.task("delegasi", office.opening())
    row = row_of(enter("kepala").opens("/"), task)
    assert row.startswith("Langkah 1 Mendelegasikan Pelayanan Prima")
    assert "Kepala KKP" in row
    assert "Tim Kerja A" in row
    assert "Tersedia sejak 23 Nov 2026 07.00 WIB" in row
    assert "sisa 35 menit Senin, 23 November 2026 07.35 WIB" in row
    assert "Terlambat" not in row
    assert "Ambil dan buka" in row


def test_what_is_overdue_says_so_in_words(office: Office, enter: Enter) -> None:
    task = office.task("delegasi", office.opening())
    office.later(hours=2, minutes=45)
    office.runs()
    row = row_of(enter("kepala").opens("/"), task)
    assert "Terlambat lewat tenggat 2 jam 10 menit Senin, 23 November 2026 07.35 WIB" in row


def test_what_waits_for_the_customer_is_never_called_late(office: Office, enter: Enter) -> None:
    task = office.task("penerimaan", office.served())
    office.later(minutes=59)
    row = row_of(enter("katim").opens("/?view=queue"), task)
    assert "Menunggu pelanggan" in row
    assert "Terlambat" not in row


def test_one_click_takes_a_task_and_opens_it(office: Office, enter: Enter) -> None:
    task = office.task("delegasi", office.opening())
    kepala = enter("kepala")
    page = kepala.sends(kepala.opens("/"), f"/tasks/{task.id}/claim")
    assert page.answer.request.path == f"/tasks/{task.id}"
    assert "Selesaikan" in page.buttons()
    assert "Tugas Saya 1" in kepala.opens("/").text
    assert row_of(kepala.opens("/"), task)


def test_two_claims_at_once_leave_one_winner_and_tell_the_other_who(office: Office, enter: Enter) -> None:
    office.handle(c.ChangeAccount(actor=c.SYSTEM, account_id="katim2", groups=("pelanggan:tim-a",)))
    task = office.task("penerimaan", office.served())
    first, second = enter("katim"), enter("katim2")
    pages = first.opens("/?view=queue"), second.opens("/?view=queue")
    assert first.sends(pages[0], f"/tasks/{task.id}/claim").status == 200
    refusal = second.sends(pages[1], f"/tasks/{task.id}/claim")
    assert refusal.status == 409
    assert "sudah diambil Budi Santoso (23/11/2026 07.00 WIB)" in refusal.text
    assert refusal.all("//main//a[@href='/']")


def test_the_list_is_fetched_again_without_the_rest_of_the_page(office: Office, enter: Enter) -> None:
    office.opening()
    part = enter("kepala").opens("/", HX_Request="true", HX_Request_Type="partial")
    assert part.status == 200
    assert "<html" not in part.source
    assert "Mendelegasikan" in part.source


def test_a_script_is_told_when_the_session_is_over(office: Office, enter: Enter) -> None:
    kepala = enter("kepala")
    office.later(hours=3)
    part = kepala.opens("/", follow=False, HX_Request="true", HX_Request_Type="partial")
    assert part.status == 401
    assert part.answer.headers["HX-Redirect"] == "/login"


def test_pages_of_a_long_list_follow_one_another_without_gap_or_repeat(office: Office, enter: Enter) -> None:
    tasks = [office.task("delegasi", office.opening()).id for _ in range(53)]
    kepala = enter("kepala")
    page = kepala.opens("/?view=queue")
    seen = [str(row) for row in page.tree.xpath("//ol[@data-list]/li/@id")]
    assert len(seen) == 50
    (following,) = page.tree.xpath("//a[normalize-space()='Berikutnya']/@href")
    page = kepala.opens(following)
    seen += page.tree.xpath("//ol[@data-list]/li/@id")
    assert len(seen) == len(set(seen))
    assert {f"tugas-{task}" for task in tasks} <= set(seen)
    assert "Kembali ke awal daftar" in page.text
    assert "Berikutnya" not in page.text


def test_an_auditor_sees_everything_and_is_offered_nothing_to_do(office: Office, enter: Enter) -> None:
    task = office.task("delegasi", office.opening())
    auditor = enter("auditor")
    page = auditor.opens("/")
    assert page.texts("//a[@aria-current='page' and contains(@href, 'view=all')]")
    assert "Mendelegasikan Pelayanan Prima" in row_of(page, task)
    assert page.buttons() == []
    assert not page.all("//nav//a[@href='/start']")
    assert auditor.opens(f"/tasks/{task.id}").buttons() == []
    token = page.fields("/logout")["csrf_token"]
    refusal = auditor.posts(f"/tasks/{task.id}/claim", {"csrf_token": token})
    assert refusal.status == 403
    assert office.task("delegasi", task.instance_id).assignee is None


def test_another_teams_leader_neither_sees_nor_opens_a_task(office: Office, enter: Enter) -> None:
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, {"versi_standar": "v1", "konfirmasi": True})
    task = office.task("instruksi", instance)
    other = enter("katim2")
    assert task.id not in other.opens("/?view=queue").source
    assert row_of(enter("katim").opens("/?view=queue"), task)
    assert other.opens(f"/tasks/{task.id}").status == 403


@pytest.mark.parametrize("address", ["/?view=rahasia", "/?view=mine&after=omong-kosong"])
def test_a_wrong_address_of_a_list_is_no_failure(enter: Enter, address: str) -> None:
    assert enter("petugas").opens(address).status in (200, 422)


def test_what_i_have_done_is_listed_newest_first(office: Office, enter: Enter) -> None:
    instance = office.visit()
    office.completes("petugas", "pelayanan", instance, {"persyaratan_lengkap": True, "hasil": "selesai"})
    rows = enter("petugas").opens("/?view=done").texts("//ol[@data-list]/li")
    assert len(rows) == 1
    assert "Memberikan layanan" in rows[0]
    assert "Selesai 23 Nov 2026 07.00 WIB" in rows[0]
