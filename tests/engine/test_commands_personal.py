"""Personal values stay in their own table: not one byte of them anywhere else in the file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from engine import commands as c
from engine.errors import DefinitionRejected
from engine.store import personal
from engine.store.encoding import inflate
from engine.store.session import DATABASE_FILE
from tests.definition.diagram import message_root
from tests.engine.models import catch, form, human, line, message, zeebe
from tests.engine.office import COMPLAINING, FOLLOWED_UP, REPORTED, Office, person

SECRETS = ("Nyonya Rahasia", "tidak ramah sekali", "0812-3456", "urutan kejadiannya", "mohon maaf atas")


def plain_text_places(office: Office, texts: tuple[str, ...]) -> list[str]:
    """The tables whose rows hold any of the texts, journal bodies inflated."""
    found = []
    for name, rows in office.rows().items():
        for row in rows:
            cells = [inflate(cell) if name == "journal" and isinstance(cell, bytes) else cell for cell in row]
            if any(text in repr(cells) for text in texts):
                found.append(name)
    return sorted(set(found))


def whole_sop(office: Office) -> str:
    instance = office.served()
    office.completes("katim", "penerimaan", instance, COMPLAINING)
    office.completes("katim", "tindak_lanjut", instance, FOLLOWED_UP)
    office.completes("kepala", "laporan_keluhan", instance, REPORTED)
    return instance


def test_values_of_the_sop_lie_in_their_own_table_only(either_office: Office) -> None:
    office = either_office
    whole_sop(office)
    for secret in SECRETS:
        assert plain_text_places(office, (secret,)) == ["personal_value"], secret


def test_without_that_table_the_file_holds_not_one_byte_of_them(office: Office, data_dir: Path) -> None:
    whole_sop(office)
    office.is_tampered = True
    office.engine.close()
    path = data_dir / DATABASE_FILE
    assert any(secret.encode() in path.read_bytes() for secret in SECRETS)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("DELETE FROM personal_value")
    connection.execute("VACUUM")
    connection.close()
    raw = b"".join(item.read_bytes() for item in data_dir.iterdir() if item.is_file())
    for secret in SECRETS:
        assert secret.encode() not in raw, secret
    office.reopen()
    assert office.engine.replay().ok


@pytest.mark.parametrize("waits", [True, False])
def test_values_of_a_complaint_that_comes_as_a_message(office: Office, waits: bool) -> None:
    variables = office.complaint_form(isi_keluhan="Antrean tak berujung", kontak="0899-0000")
    office.handle(c.PublishMessage(actor=person("katim2"), name="keluhan_masuk", variables=variables))
    if not waits:
        office.runs()
    assert plain_text_places(office, ("Antrean tak berujung", "0899-0000")) == ["personal_value"]


def test_values_of_a_message_that_nobody_waits_for_yet(office: Office) -> None:
    fields = form(
        "isian",
        {"type": "textfield", "key": "nomor", "label": "Nomor"},
        {"type": "textfield", "key": "nama", "label": "Nama", "properties": {"personal": "true"}},
    )
    work = human("kerja", zeebe("formDefinition", formId="isian"))
    nodes = (("tunggu", catch("tunggu", message())), ("kerja", work))
    office.deploy(line(*nodes, root=message_root(), properties=""), isian=fields)
    office.handle(
        c.PublishMessage(actor=person("petugas"), name="kabar", correlation_key="7", variables={"nama": "Tuan Gelap"})
    )
    assert plain_text_places(office, ("Tuan Gelap",)) == ["personal_value"]
    instance = office.start({"nomor": "7"})
    office.runs()
    task = office.claims("petugas", "kerja", instance)
    assert office.engine.task(office.account("petugas"), task).variables["nama"] == "Tuan Gelap"
    assert plain_text_places(office, ("Tuan Gelap",)) == ["personal_value"]


def test_a_value_sent_back_unchanged_keeps_its_reference(office: Office) -> None:
    instance = office.visit()
    kept = len(office.rows()["personal_value"])
    office.completes("petugas", "pelayanan", instance, {"persyaratan_lengkap": True, "hasil": "selesai"})
    assert len(office.rows()["personal_value"]) == kept


def test_a_personal_value_may_be_moved_but_never_computed_with(office: Office) -> None:
    fields = form(
        "isian",
        {"type": "textfield", "key": "nama", "label": "Nama", "properties": {"personal": "true"}},
        {"type": "textfield", "key": "salinan", "label": "Salinan", "properties": {"personal": "true"}},
    )
    moved = zeebe("ioMapping", zeebe("output", source="=nama", target="salinan"))
    work = human("kerja", zeebe("formDefinition", formId="isian"), moved)
    office.deploy(line(("kerja", work), properties=""), isian=fields)
    instance = office.start()
    office.completes("petugas", "kerja", instance, {"nama": "Tuan Gelap"})
    assert office.variables(instance) == {"salinan": "•••"}
    assert plain_text_places(office, ("Tuan Gelap",)) == ["personal_value"]
    joined = zeebe("ioMapping", zeebe("output", source='="Yth. " + nama', target="salinan"))
    work = human("kerja", zeebe("formDefinition", formId="isian"), joined)
    with pytest.raises(DefinitionRejected) as caught:
        office.deploy(line(("kerja", work), properties=""), isian=fields)
    assert {problem.element_id for problem in caught.value.problems} == {"kerja"}


def test_refused_values_are_kept_nowhere(office: Office) -> None:
    form_ = office.complaint_form(isi_keluhan="Kalimat yang tidak jadi", kanal="merpati")
    office.refused(
        c.StartProcessInstance(
            actor=person("katim2"), key="pelayanan_prima", start_event="keluhan_masuk", variables=form_
        )
    )
    assert plain_text_places(office, ("Kalimat yang tidak jadi",)) == []


def test_erased_values_leave_record_and_rows_whole(office: Office) -> None:
    instance = whole_sop(office)
    with office.engine.database.write() as connection:
        count = personal.erase_stream(
            connection, office.engine.tenant, f"instance:{instance}", "2026-11-24T00:00:00.000000Z"
        )
    assert count >= 5
    assert plain_text_places(office, SECRETS) == []
    assert office.engine.verify().ok
    assert office.engine.replay().ok
