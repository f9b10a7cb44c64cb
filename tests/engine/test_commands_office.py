"""Accounts, the organisation, the catalogue and definitions: who may change them, and what is refused."""

from __future__ import annotations

import pytest

from engine import commands as c
from engine.bootstrap import shipped_process
from engine.errors import DefinitionRejected, OrganisationRejected
from tests.engine.models import one_task
from tests.engine.office import PROCESS, Office, person

ADMIN = person("admin")


def add(account: str = "dina", *, actor: c.Actor = ADMIN, **more: object) -> c.AddAccount:
    return c.AddAccount(actor=actor, account_id=account, display_name="Dina", roles=("staff",), **more)  # type: ignore[arg-type]


# -- accounts -------------------------------------------------------------------------------------------------------


def test_an_account_is_added_changed_disabled_and_enabled(office: Office) -> None:
    office.handle(add(password="sandi-panjang", groups=("pelanggan",), team="tim-a", superior="katim"))
    found = office.account("dina")
    assert (found.roles, found.groups, found.team, found.superior) == (("staff",), ("pelanggan",), "tim-a", "katim")
    assert office.engine.authenticate("dina", "sandi-panjang") == found
    office.handle(c.ChangeAccount(actor=ADMIN, account_id="dina", display_name="Dina Ayu", roles=("auditor",)))
    found = office.account("dina")
    assert (found.display_name, found.roles, found.groups) == ("Dina Ayu", ("auditor",), ("pelanggan",))
    office.handle(c.DisableAccount(actor=ADMIN, account_id="dina"))
    disabled = office.account("dina")
    assert (disabled.active, disabled.session_epoch > found.session_epoch) == (False, True)
    assert office.engine.authenticate("dina", "sandi-panjang") is None
    office.handle(c.EnableAccount(actor=ADMIN, account_id="dina"))
    assert office.account("dina").active


def test_a_new_password_replaces_the_old_and_ends_sessions(office: Office) -> None:
    office.handle(add(password="sandi-panjang"))
    before = office.account("dina").session_epoch
    office.handle(c.SetPassword(actor=person("dina"), account_id="dina", password="sandi-yang-lain"))
    assert office.engine.authenticate("dina", "sandi-panjang") is None
    assert office.engine.authenticate("dina", "sandi-yang-lain") is not None
    assert office.account("dina").session_epoch > before


def test_no_password_is_anywhere_in_the_record(office: Office) -> None:
    office.handle(add(password="sandi-panjang"))
    office.handle(c.SetPassword(actor=ADMIN, account_id="dina", password="sandi-yang-lain"))
    assert "sandi-" not in repr(office.rows())


def test_an_account_without_a_password_lets_nobody_in(office: Office) -> None:
    office.handle(add())
    for attempt in ("", "None", "sandi-panjang"):
        assert office.engine.authenticate("dina", attempt) is None
    assert office.engine.authenticate("tidak-ada", "sandi-panjang") is None


@pytest.mark.parametrize(
    ("command", "status", "says"),
    [
        (add("Dina"), 422, "Dina"),
        (add("1a"), 422, "1a"),
        (add("x"), 422, "x"),
        (add("sistem"), 422, "sistem"),
        (add("petugas"), 409, "petugas"),
        (add(password="pendek"), 422, "10"),
        (add(actor=person("katim")), 403, "administrator"),
        (add(actor=person("siapa")), 403, "siapa"),
        (c.AddAccount(actor=ADMIN, account_id="dina", display_name="D", roles=("raja",)), 422, "raja"),
        (c.ChangeAccount(actor=ADMIN, account_id="siapa"), 404, "siapa"),
        (c.ChangeAccount(actor=ADMIN, account_id="petugas", roles=("raja",)), 422, "raja"),
        (c.ChangeAccount(actor=person("petugas"), account_id="petugas", roles=("admin",)), 403, "administrator"),
        (c.ChangeAccount(actor=ADMIN, account_id="admin", roles=("staff",)), 409, "administrator terakhir"),
        (c.SetPassword(actor=person("katim"), account_id="petugas", password="sandi-panjang"), 403, "administrator"),
        (c.SetPassword(actor=person("petugas"), account_id="petugas", password="pendek"), 422, "10"),
        (c.SetPassword(actor=ADMIN, account_id="siapa", password="sandi-panjang"), 404, "siapa"),
        (c.DisableAccount(actor=ADMIN, account_id="admin"), 409, "administrator terakhir"),
        (c.DisableAccount(actor=ADMIN, account_id="siapa"), 404, "siapa"),
        (c.DisableAccount(actor=person("katim"), account_id="petugas"), 403, "administrator"),
        (c.EnableAccount(actor=ADMIN, account_id="petugas"), 409, "masih aktif"),
        (c.EnableAccount(actor=person("katim"), account_id="petugas"), 403, "administrator"),
    ],
)
def test_refusals_about_accounts(office: Office, command: c.Command, status: int, says: str) -> None:
    refusal = office.refused(command)
    assert refusal.http_status == status
    assert says in str(refusal)


def test_an_account_that_is_disabled_cannot_be_disabled_again(office: Office) -> None:
    office.handle(c.DisableAccount(actor=ADMIN, account_id="petugas"))
    assert office.refused(c.DisableAccount(actor=ADMIN, account_id="petugas")).http_status == 409


# -- organisation and catalogue -------------------------------------------------------------------------------------


def test_a_new_organisation_is_in_force_at_once_and_its_holes_are_told(office: Office) -> None:
    document = (PROCESS / "organisasi.yaml").read_bytes()
    office.handle(
        c.AdoptOrganisation(actor=ADMIN, document=document.replace(b"Karantinaan", b"X").replace(b"Contoh", b"Uji"))
    )
    assert office.engine.office_name.endswith("Uji")
    before = office.rows()
    with pytest.raises(OrganisationRejected) as caught:
        office.handle(
            c.AdoptOrganisation(actor=ADMIN, document=document.replace(b"leader: katim\n", b"leader: siapa\n"))
        )
    assert "siapa" in str(caught.value)
    assert office.rows() == before


def test_the_organisation_and_the_catalogue_are_the_administrators(office: Office) -> None:
    document = (PROCESS / "organisasi.yaml").read_bytes()
    catalogue = (PROCESS / "katalog_layanan.csv").read_bytes()
    for stranger in ("kepala", "pemilik", "auditor"):
        assert office.refused(c.AdoptOrganisation(actor=person(stranger), document=document)).http_status == 403
        assert office.refused(c.AdoptCatalogue(actor=person(stranger), document=catalogue)).http_status == 403


def test_a_catalogue_with_mistakes_is_refused_with_each(office: Office) -> None:
    before = office.rows()
    with pytest.raises(OrganisationRejected) as caught:
        office.handle(
            c.AdoptCatalogue(actor=ADMIN, document=b"kode,nama,standar_waktu,kalender,keterangan\ncop,Cop,sebentar,,\n")
        )
    assert "sebentar" in str(caught.value)
    assert office.rows() == before


def test_adopting_the_same_organisation_again_harms_nothing(office: Office) -> None:
    document = (PROCESS / "organisasi.yaml").read_bytes()
    for _ in range(2):
        office.handle(c.AdoptOrganisation(actor=ADMIN, document=document))
    assert office.engine.organisation is not None


# -- definitions ----------------------------------------------------------------------------------------------------


def deploy(bpmn: bytes, actor: str = "pemilik", approved_by: str = "kepala") -> c.DeployDefinition:
    return c.DeployDefinition(actor=person(actor), files={"process.bpmn": bpmn}, approved_by=approved_by, note="Rapat")


def test_versions_carry_number_dates_and_approver(office: Office) -> None:
    office.handle(deploy(one_task()))
    office.later(days=1)
    office.handle(deploy(one_task().replace(b"Proses uji", b"Proses baru")))
    new, old = [view for view in office.engine.definitions(office.account("pemilik")) if view.key == "proses"]
    assert (new.version, new.effective, new.name) == (2, True, "Proses baru")
    assert (old.version, old.effective, old.deployed_by, old.approved_by) == (1, False, "pemilik", "kepala")
    assert old.deployed_at < new.deployed_at
    assert office.engine.bpmn("proses", 1) == one_task()


def test_deploying_the_same_again_gives_no_new_version(office: Office) -> None:
    office.handle(deploy(one_task()))
    assert office.handle(deploy(one_task())).events == ()
    assert len([view for view in office.engine.definitions(office.account("pemilik")) if view.key == "proses"]) == 1


def test_only_owners_deploy_and_somebody_known_approves(office: Office) -> None:
    for stranger in ("petugas", "kepala", "auditor"):
        assert office.refused(deploy(one_task(), stranger)).http_status == 403
    refusal = office.refused(deploy(one_task(), approved_by="siapa"))
    assert (refusal.http_status, "siapa" in str(refusal)) == (404, True)


@pytest.mark.parametrize(
    "bpmn",
    [
        b"bukan xml",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b"<x>" + b" " * (5 * 1024 * 1024) + b"</x>",
        one_task().replace(b'isExecutable="true"', b""),
        one_task().replace(b"petugas-layanan:tim-a", b"="),
    ],
    ids=["not xml", "entity", "too large", "not executable", "broken expression"],
)
def test_a_bad_model_is_refused_with_reasons_and_nothing_is_stored(office: Office, bpmn: bytes) -> None:
    before = office.rows()
    with pytest.raises(DefinitionRejected) as caught:
        office.handle(deploy(bpmn))
    assert caught.value.problems
    assert all(problem.rule for problem in caught.value.problems)
    assert office.rows() == before


def test_all_problems_are_told_at_once(office: Office) -> None:
    files = shipped_process("pelayanan_prima")
    broken = files["process.bpmn"].replace(b">PT5M<", b">lima<").replace(b'type="beri_tahu_pelapor"', b'type="entah"')
    with pytest.raises(DefinitionRejected) as caught:
        office.handle(
            c.DeployDefinition(actor=person("pemilik"), files=files | {"process.bpmn": broken}, approved_by="kepala")
        )
    assert {problem.element_id for problem in caught.value.problems} == {"waktu_delegasi", "beri_tahu_pelapor"}
