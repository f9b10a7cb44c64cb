"""An instance's page and the lists around it: where it stands, what happened, what is kept from whom."""

from __future__ import annotations

from tests.definition.diagram import bpmn, chain, end, start, task, zeebe
from tests.engine.office import DELEGATED, Office
from tests.web.conftest import Enter


def test_where_it_stands_is_there_in_words_and_for_the_diagram(office: Office, enter: Enter) -> None:
    instance = office.visit()
    office.later(minutes=45)
    office.runs()
    reader = enter("pemilik")
    page = reader.opens(f"/instances/{instance}")
    (here,) = page.texts("//section[@aria-labelledby='posisi']")
    assert "4. Memberikan layanan Terlambat Pemegang: Sari Lestari" in here
    assert "tenggat Senin, 23 November 2026 07.20 WIB, lewat tenggat 25 menit" in here
    (diagram,) = page.all("//*[@data-bpmn-viewer]")
    assert diagram.get("data-state-url") == f"/instances/{instance}/state.json"
    marks = reader.opens(diagram.get("data-state-url")).answer.get_json()
    active = {mark["element_id"]: mark for mark in marks["active"]}
    assert active["pelayanan"]["late"] is True
    assert active["pelayanan"]["count"] == 1
    assert "lewat tenggat 25 menit" in active["pelayanan"]["label"]
    assert marks["completed"]["pelanggan_datang"] == 1
    assert marks["incidents"] == []
    bpmn = reader.opens(diagram.get("data-bpmn-url")).answer
    assert bpmn.mimetype == "application/xml"
    assert bpmn.data == office.engine.bpmn("pelayanan_prima", 1)


def test_the_history_is_told_in_words_latest_first(office: Office, enter: Enter) -> None:
    instance = office.opening()
    office.later(minutes=50)
    office.completes("kepala", "delegasi", instance, DELEGATED)
    page = enter("auditor").opens(f"/instances/{instance}")
    lines = page.texts("//section[@aria-labelledby='riwayat']//li")
    assert lines[-1].startswith("07.00.00 WIB dr. Ratna Wulandari: Dimulai")
    told = "\n".join(lines)
    assert "dr. Ratna Wulandari: 1. Mendelegasikan Pelayanan Prima diselesaikan" in told
    assert "Terlambat 15 menit" in told
    assert "Versi standar pelayanan v1" in told
    assert told.index("diselesaikan") < told.index("Lewat tenggat:") < told.index("Dimulai")


def test_personal_values_are_masked_and_codes_are_in_words(office: Office, enter: Enter) -> None:
    page = enter("auditor").opens(f"/instances/{office.visit()}")
    (values,) = page.texts("//section[@aria-labelledby='variabel']")
    assert "Jenis layanan Free pratique (COP)" in values
    assert "Petugas yang melayani Sari Lestari" in values
    assert "Nyonya Rahasia" not in page.source


def test_strangers_do_not_see_an_instance(office: Office, enter: Enter) -> None:
    instance = office.opening()
    page = enter("petugas2").opens(f"/instances/{instance}")
    assert page.status == 403
    assert "Berkas proses ini bukan bagian dari tugas Anda." in page.text
    assert enter("petugas2").opens(f"/instances/{instance}/state.json", Accept="application/json").status == 403


def test_the_officer_complained_of_sees_that_the_visit_is_there_and_no_more(office: Office, enter: Enter) -> None:
    instance = office.served()
    complaint = {"sesuai_standar": "tidak", "ajukan_keluhan": True, "isi_keluhan": "Petugas tidak ramah sekali"}
    office.completes("katim", "penerimaan", instance, complaint)
    officer = enter("petugas")
    page = officer.opens(f"/instances/{instance}")
    assert page.status == 200
    assert "Isinya dilindungi." in page.text
    assert "Riwayat" not in page.text
    assert officer.opens(f"/instances/{instance}/state.json").answer.get_json()["active"] == []
    assert "ramah" not in page.source


def test_instances_are_found_by_number_and_state(office: Office, enter: Enter) -> None:
    office.opening()
    visit = office.visit()
    reader = enter("auditor")
    assert reader.opens("/instances?q=P-1").tree.xpath("//ol//h2/a/@href") == [f"/instances/{visit}"]
    assert "Tidak ada berkas yang cocok." in reader.opens("/instances?q=%25").text
    assert "Tidak ada berkas yang cocok." in reader.opens("/instances?state=TERMINATED").text
    found = reader.opens("/instances?q=P-1&state=ACTIVE")
    assert found.all("//input[@name='q' and @value='P-1']")
    assert found.all("//option[@value='ACTIVE' and @selected]")


def test_who_manages_suspends_resumes_and_cancels_with_a_reason(office: Office, enter: Enter) -> None:
    instance = office.opening()
    owner = enter("pemilik")
    address = f"/instances/{instance}"
    refused = owner.sends(owner.opens(address), f"{address}/suspend", {"reason": " "})
    assert refused.status == 422
    assert "Alasan wajib diisi." in refused.text
    page = owner.sends(owner.opens(address), f"{address}/suspend", {"reason": "Listrik padam"})
    assert office.state(instance) == "SUSPENDED"
    assert "Listrik padam" in page.text
    page = owner.sends(page, f"{address}/resume")
    assert office.state(instance) == "ACTIVE"
    page = owner.sends(page, f"{address}/cancel", {"reason": "Hari libur mendadak"})
    assert office.state(instance) == "TERMINATED"
    assert "Tindakan pengelola" not in page.text


def test_others_are_not_offered_to_manage_and_are_refused(office: Office, enter: Enter) -> None:
    instance = office.opening()
    for account in ("kepala", "auditor"):
        browser = enter(account)
        page = browser.opens(f"/instances/{instance}")
        assert "Tindakan pengelola" not in page.text
        token = page.fields("/logout")["csrf_token"]
        refusal = browser.posts(f"/instances/{instance}/cancel", {"csrf_token": token, "reason": "coba"})
        assert refusal.status == 403
        assert office.state(instance) == "ACTIVE"


def test_an_incident_is_shown_and_retried_by_who_may(office: Office, enter: Enter) -> None:
    errand = task("kirim", zeebe("taskDefinition", type="kirim_surat", retries="1"), kind="serviceTask", name="Kirim")
    office.deploy(bpmn(start(), errand, end(), chain("mulai", "kirim", "selesai")))
    office.errand.will_fail(1, "mesin surat mati")
    instance = office.start()
    office.runs()
    address = f"/instances/{instance}"
    reader = enter("auditor").opens(address)
    (trouble,) = reader.texts("//section[@aria-labelledby='gangguan']")
    assert "Kirim" in trouble
    assert "mesin surat mati" in trouble
    assert "Coba Lagi" not in trouble
    assert "1 gangguan" in enter("auditor").opens("/instances").text
    owner = enter("pemilik")
    page = owner.opens(address)
    (retry,) = [action for action in page.tree.xpath("//form/@action") if action.endswith("/retry")]
    assert "Langkah itu dicoba lagi." in owner.sends(page, retry).text
    office.runs()
    assert office.state(instance) == "COMPLETED"
    again = owner.posts(retry, page.fields(retry))
    assert again.status == 409


def test_escalations_reach_the_superior_and_are_marked_as_seen(office: Office, enter: Enter) -> None:
    instance = office.visit()
    office.later(minutes=45)
    office.runs()
    leader = enter("katim")
    page = leader.opens("/escalations")
    (row,) = page.texts("//ol[contains(@class, 'rows')]/li")
    assert "Memberikan layanan" in row
    assert "Pemegang: Sari Lestari" in row
    assert "Senin, 23 November 2026 07.20 WIB" in row
    assert "Eskalasi 1 belum dilihat" in page.text
    (action,) = page.tree.xpath("//main//form/@action")
    page = leader.sends(page, action)
    assert "Eskalasi 1" not in page.text
    assert "Dilihat 23 Nov 2026 07.45 WIB" in page.text
    assert "Tidak ada eskalasi yang belum Anda lihat." in leader.opens("/escalations?unseen=1").text
    assert office.told("katim", instance) == ["pelayanan"]


def test_nobody_marks_the_escalation_of_another(office: Office, enter: Enter) -> None:
    office.visit()
    office.later(minutes=45)
    office.runs()
    (found,) = office.engine.escalations(office.account("katim"))
    other = enter("katim2")
    token = other.opens("/").fields("/logout")["csrf_token"]
    other.posts(f"/escalations/{found.id}/seen", {"csrf_token": token})
    assert len(office.engine.escalations(office.account("katim"), unseen_only=True)) == 1


def test_definitions_show_who_approved_which_version(enter: Enter) -> None:
    reader = enter("petugas")
    page = reader.opens("/definitions")
    assert "Versi 1" in page.text
    assert "Disahkan oleh dr. Ratna Wulandari" in page.text
    page = reader.opens("/definitions/pelayanan_prima/1")
    assert page.all("//*[@data-bpmn-viewer and @data-bpmn-url='/definitions/pelayanan_prima/1/bpmn']")
    for path in ("/definitions/pelayanan_prima/2", "/definitions/lain/1", "/definitions/pelayanan_prima/2/bpmn"):
        assert reader.opens(path).status == 404
