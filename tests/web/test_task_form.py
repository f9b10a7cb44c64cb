"""A task's page: its row of the SOP, its form with mistakes and conditions, and what completing it twice does."""

from __future__ import annotations

from engine import commands as c
from tests.engine.office import DELEGATED, Office, person
from tests.web.conftest import Enter
from tests.web.visitor import Sheet, Visitor

ATTACK = "<script>alert(1)</script>\"' onmouseover=alert(2) {{ 7*7 }}"


def held(office: Office, enter: Enter, account: str, element: str, instance: str) -> tuple[Visitor, str, Sheet]:
    """(browser, task id, page) of somebody who has taken a task."""
    task = office.task(element, instance)
    if task.assignee is None:
        office.claims(account, element, instance)
    browser = enter(account)
    return browser, task.id, browser.opens(f"/tasks/{task.id}")


def readiness(office: Office, enter: Enter) -> tuple[Visitor, str, Sheet]:
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    office.completes("katim", "instruksi", instance, {"petugas_bertugas": ["petugas"], "perilaku_disampaikan": True})
    return held(office, enter, "petugas", "kesiapan", instance)


def test_the_row_of_the_sop_stands_beside_the_form(office: Office, enter: Enter) -> None:
    _, _, page = held(office, enter, "kepala", "delegasi", office.opening())
    (row,) = page.texts("//aside[contains(@class, 'sop')]")
    assert "SOP, langkah 1" in row
    assert "Waktu 5 Menit" in row
    assert "Output Standar Pelayanan dijalankan" in row
    assert "Catatan tentang naskah SOP" in row


def test_what_is_wrong_is_listed_first_and_what_was_typed_stays(office: Office, enter: Enter) -> None:
    browser, task, page = held(office, enter, "kepala", "delegasi", office.opening())
    wrong = {"isian.versi_standar": "", "isian.arahan": "Tetap ramah"}
    answer = browser.sends(page, f"/tasks/{task}/complete", wrong)
    assert answer.status == 422
    assert answer.title.startswith("Kesalahan: ")
    summary = {link.get("href"): link.text for link in answer.all("//div[contains(@class, 'error-summary')]//a")}
    assert summary["#isian-versi_standar"] == '"Standar pelayanan yang berlaku" wajib diisi.'
    assert answer.all("//*[@id='isian-versi_standar' and @aria-invalid='true']")
    described = answer.tree.xpath("string(//*[@id='isian-versi_standar']/@aria-describedby)").split()
    assert all(answer.all(f"//*[@id='{part}']") for part in described)
    assert answer.fields(f"/tasks/{task}/complete")["isian.arahan"] == ["Tetap ramah"]
    assert office.task("delegasi", office.page(task.partition(":")[0]).instance.id).state == "ACTIVE"


def test_completing_leads_to_the_inbox_and_offers_the_next_task(office: Office, enter: Enter) -> None:
    following = office.opening(team="tim-b")
    browser, task, page = held(office, enter, "kepala", "delegasi", office.opening())
    answer = browser.sends(page, f"/tasks/{task}/complete", {"isian.konfirmasi": "on"})
    assert answer.status == 200
    assert "“Mendelegasikan Pelayanan Prima” selesai." in answer.text
    assert "Tugas berikutnya: Mendelegasikan Pelayanan Prima" in answer.text
    assert answer.all(f"//form[@action='/tasks/{office.task('delegasi', following).id}/claim']")


def test_sending_the_same_page_twice_completes_once(office: Office, enter: Enter) -> None:
    instance = office.opening()
    browser, task, page = held(office, enter, "kepala", "delegasi", instance)
    values = {"isian.konfirmasi": "on"}
    first = browser.sends(page, f"/tasks/{task}/complete", values, follow=False)
    second = browser.sends(page, f"/tasks/{task}/complete", values, follow=False)
    assert (first.status, first.answer.location) == (second.status, second.answer.location) == (303, "/")
    assert office.sentences(instance).count("1. Mendelegasikan Pelayanan Prima diselesaikan") == 1


def test_a_page_opened_before_somebody_else_completed_says_who(office: Office, enter: Enter) -> None:
    instance = office.opening()
    browser, task, page = held(office, enter, "kepala", "delegasi", instance)
    office.completes("kepala", "delegasi", instance, DELEGATED)
    answer = browser.sends(page, f"/tasks/{task}/complete", {"isian.konfirmasi": "on"})
    assert answer.status == 409
    assert "sudah diselesaikan dr. Ratna Wulandari" in answer.text


def test_a_page_of_an_earlier_holding_is_out_of_date(office: Office, enter: Enter) -> None:
    instance = office.opening()
    browser, task, page = held(office, enter, "kepala", "delegasi", instance)
    office.handle(c.ReleaseUserTask(actor=person("kepala"), task_id=task))
    office.claims("kepala", "delegasi", instance)
    answer = browser.sends(page, f"/tasks/{task}/complete", {"isian.konfirmasi": "on"})
    assert answer.status == 409
    assert "sudah berubah sejak Anda membukanya" in answer.text
    assert office.task("delegasi", instance).state == "ACTIVE"


def test_a_field_appears_with_the_answer_that_calls_for_it(office: Office, enter: Enter) -> None:
    browser, task, page = readiness(office, enter)
    assert page.all("//*[@id='isian-alasan_tidak_siap']")
    ready = {"isian.hadir": "on", "isian.atk_siap": "on", "isian.sistem_siap": "on"}
    sent = page.fields(f"/tasks/{task}/complete") | {name: [value] for name, value in ready.items()}
    part = browser.posts(f"/tasks/{task}/form", sent, HX_Request="true")
    assert part.status == 200
    assert "<html" not in part.source
    assert "isian-alasan_tidak_siap" not in part.source
    assert "isian-pelanggan_menunggu" in part.source
    whole = browser.posts(f"/tasks/{task}/form", sent | {"isian.pelanggan_menunggu": ["on"]})
    assert whole.status == 200
    assert "Nama pelanggan" in whole.text
    assert whole.fields(f"/tasks/{task}/complete")["isian.hadir"] == ["on"]


def test_without_a_script_an_answer_that_brings_up_fields_shows_them_before_anything_is_done(
    office: Office, enter: Enter
) -> None:
    browser, task, page = readiness(office, enter)
    ready = {"isian.hadir": "on", "isian.atk_siap": "on", "isian.sistem_siap": "on"}
    answer = browser.sends(page, f"/tasks/{task}/complete", ready)
    assert answer.status == 422
    assert "Jawaban Anda memunculkan isian baru." in answer.text
    done = browser.sends(answer, f"/tasks/{task}/complete")
    assert "“Hadir dan menyiapkan layanan” selesai." in done.text


def test_the_button_for_browsers_without_script_draws_the_form_again(office: Office, enter: Enter) -> None:
    _, task, page = readiness(office, enter)
    assert page.all(f"//noscript//button[@formaction='/tasks/{task}/form']")


def test_mistakes_that_are_mended_go_and_the_others_stay(office: Office, enter: Enter) -> None:
    browser, task, page = readiness(office, enter)
    wrong = browser.sends(page, f"/tasks/{task}/complete", {"isian.alasan_tidak_siap": "ATK"})
    assert wrong.status == 422
    still = browser.sends(wrong, f"/tasks/{task}/complete", {"isian.hadir": "on"}, to=f"/tasks/{task}/form")
    assert still.texts("//*[@id='isian-alasan_tidak_siap-salah']")
    mended = {"isian.alasan_tidak_siap": "ATK habis sejak pagi"}
    clean = browser.sends(still, f"/tasks/{task}/complete", mended, to=f"/tasks/{task}/form")
    assert not clean.texts("//*[@id='isian-alasan_tidak_siap-salah']")


def test_values_are_text_and_never_markup(office: Office, enter: Enter) -> None:
    instance = office.opening()
    browser, task, page = held(office, enter, "kepala", "delegasi", instance)
    typed = {"isian.versi_standar": ATTACK, "isian.arahan": ATTACK}
    answer = browser.sends(page, f"/tasks/{task}/complete", typed)
    assert answer.status == 422
    assert answer.fields(f"/tasks/{task}/complete")["isian.arahan"] == [ATTACK]
    browser.sends(answer, f"/tasks/{task}/complete", {"isian.konfirmasi": "on"})
    seen = browser.opens(f"/instances/{instance}")
    for found in (answer, seen):
        assert ATTACK in found.text
        assert not found.all("//script[not(@src)] | //@onmouseover")


def test_a_field_that_the_form_does_not_have_is_refused(office: Office, enter: Enter) -> None:
    browser, task, page = held(office, enter, "kepala", "delegasi", office.opening())
    answer = browser.sends(page, f"/tasks/{task}/complete", {"isian.konfirmasi": "on", "isian.tim": "tim-b"})
    assert answer.status == 422
    assert 'Isian "tim" tidak ada di formulir ini.' in answer.text


def test_a_moment_is_read_and_shown_on_the_offices_clock(office: Office, enter: Enter) -> None:
    browser = enter("katim2")
    page = browser.opens("/start/pelayanan_prima/keluhan_masuk")
    typed = {
        "isian.layanan": "cop",
        "isian.tim": "tim-a",
        "isian.isi_keluhan": "Antrean sangat lama sekali",
        "isian.kanal": "langsung",
        "isian.diterima_pada": "2026-11-23T06:30",
    }
    browser.sends(page, "/start/pelayanan_prima/keluhan_masuk", typed)
    office.runs()
    rows = office.engine.instances(office.account("auditor")).rows
    (complaint,) = [row.id for row in rows if row.start_event == "keluhan_masuk"]
    assert office.variables(complaint)["diterima_pada"] == "2026-11-22T23:30:00.000000Z"
    assert "Senin, 23 November 2026 06.30 WIB" in enter("auditor").opens(f"/instances/{complaint}").text


def test_a_task_is_given_back_to_the_queue(office: Office, enter: Enter) -> None:
    instance = office.opening()
    browser, task, page = held(office, enter, "kepala", "delegasi", instance)
    answer = browser.sends(page, f"/tasks/{task}/release")
    assert "“Mendelegasikan Pelayanan Prima” sudah dikembalikan ke antrean." in answer.text
    assert office.task("delegasi", instance).state == "READY"


def test_a_superior_gives_a_task_to_somebody_else_with_a_reason(office: Office, enter: Enter) -> None:
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    task = office.claims("katim", "instruksi", instance)
    head = enter("kepala")
    page = head.opens(f"/tasks/{task}")
    assert "Selesaikan" not in page.buttons()
    assert "Tugas ini dikerjakan oleh Budi Santoso" in page.text
    for values in ({"assignee": "", "reason": "Rapat"}, {"assignee": "petugas", "reason": " "}):
        refused = head.sends(page, f"/tasks/{task}/assign", values)
        assert refused.status == 422
        assert refused.texts("//*[@id='ditugasi-salah']")
    answer = head.sends(page, f"/tasks/{task}/assign", {"assignee": "petugas", "reason": "Ketua tim sedang rapat"})
    assert "sudah ditugaskan kepada Sari Lestari." in answer.text
    assert office.task("instruksi", instance).assignee == "petugas"
    assert "Ketua tim sedang rapat" in enter("auditor").opens(f"/instances/{instance}").text


def test_a_form_sent_after_the_session_ended_is_not_lost(office: Office, enter: Enter) -> None:
    instance = office.opening()
    browser, task, page = held(office, enter, "kepala", "delegasi", instance)
    office.later(hours=3)
    login = browser.sends(page, f"/tasks/{task}/complete", {"isian.arahan": "Jangan hilang", "isian.konfirmasi": "on"})
    assert login.status == 401
    assert "Yang sudah Anda isi belum terkirim, tetapi tidak hilang" in login.text
    kept = browser.sends(login, "/login", {"account": "kepala", "password": "kata-sandi-contoh"})
    again = browser.sends(kept, f"/tasks/{task}/form")
    assert again.fields(f"/tasks/{task}/complete")["isian.arahan"] == ["Jangan hilang"]
    done = browser.sends(again, f"/tasks/{task}/complete")
    assert "“Mendelegasikan Pelayanan Prima” selesai." in done.text


def test_what_another_site_posts_is_not_kept(office: Office, visitor: Visitor) -> None:
    task = office.task("delegasi", office.opening()).id
    page = visitor.posts(f"/tasks/{task}/complete", {"isian.arahan": "palsu"}, Sec_Fetch_Site="cross-site")
    assert page.status == 400
    assert "palsu" not in page.source


def test_a_task_of_a_suspended_instance_waits(office: Office, enter: Enter) -> None:
    instance = office.opening()
    task = office.task("delegasi", instance)
    office.handle(c.SuspendProcessInstance(actor=person("admin"), instance_id=instance, reason="Uji"))
    page = enter("kepala").opens(f"/tasks/{task.id}")
    assert "Ditangguhkan" in page.text
    assert "Ambil dan buka" not in page.buttons()


def test_an_unknown_task_is_not_found(enter: Enter) -> None:
    page = enter("petugas").opens("/tasks/tidak:ada.1")
    assert page.status == 404
    assert "Tidak ditemukan" in page.text
