"""What an account may not bring about: stopping the engine's own acts, or finding out what is kept from it."""

from __future__ import annotations

import pytest

from engine import commands as c
from engine.errors import CommandRejected, InvalidInput, NotPermitted
from tests.engine.office import COMPLAINING, Office, person


def a_visit(command_id: str) -> c.StartProcessInstance:
    return c.StartProcessInstance(
        actor=person("petugas2"),
        key="pelayanan_prima",
        start_event="pelanggan_datang",
        variables={"tim": "tim-b", "jenis_layanan": "cop", "nama_pelanggan": "Nyonya Rahasia", "no_permintaan": "P-2"},
        command_id=command_id,
    )


def test_a_timers_id_cannot_be_taken_before_it_fires(office: Office) -> None:
    instance = office.visit()
    (timer,) = [row[1] for row in office.rows()["timer"]]
    assert isinstance(office.refused(a_visit(f"timer:{timer}")), InvalidInput)
    office.later(hours=1)
    office.runs()
    assert len(office.breaches(instance)) == 1


@pytest.mark.parametrize("taken", ["schedule:x", "delivery:message:keluhan_masuk/1/0", "access:katim:x:y.1", "a" * 101])
def test_ids_of_the_engines_own_acts_are_refused(office: Office, taken: str) -> None:
    assert isinstance(office.refused(a_visit(taken)), InvalidInput)


def test_an_id_that_a_colleague_used_is_refused(office: Office) -> None:
    office.handle(a_visit("sama"))
    instance = office.visit()
    claim = c.SuspendProcessInstance(actor=person("admin"), instance_id=instance, reason="x", command_id="sama")
    assert office.refused(claim).http_status == 409


def answers(office: Office, instance: str, account: str) -> list[str]:
    """What an account is told when it tries an instance's later steps and steering it."""
    tasks = [f"{instance}:{element}.1" for element in ("penerimaan", "tindak_lanjut", "laporan_keluhan")]
    commands: list[c.Command] = [
        c.SuspendProcessInstance(actor=person(account), instance_id=instance, reason="x"),
        c.ResumeProcessInstance(actor=person(account), instance_id=instance),
        c.CancelProcessInstance(actor=person(account), instance_id=instance, reason="x"),
        c.RetryIncident(actor=person(account), incident_id=tasks[1]),
    ]
    for task in tasks:
        commands += [
            c.ClaimUserTask(actor=person(account), task_id=task),
            c.ReleaseUserTask(actor=person(account), task_id=task),
            c.AssignUserTask(actor=person(account), task_id=task, assignee="katim"),
            c.CompleteUserTask(actor=person(account), task_id=task),
        ]
    told = [str(office.refused(command)) for command in commands]
    for task in tasks:
        with pytest.raises(CommandRejected) as caught:
            office.engine.task(office.account(account), task)
        told.append(str(caught.value))
    return told


def test_refusals_do_not_tell_the_officer_of_a_visit_that_there_is_a_complaint(office: Office) -> None:
    quiet, complained = office.served(), office.served()
    office.completes("katim", "penerimaan", quiet, {"sesuai_standar": "ya"})
    office.completes("katim", "penerimaan", complained, COMPLAINING)
    assert answers(office, quiet, "petugas") == answers(office, complained, "petugas")
    assert len(set(answers(office, complained, "petugas"))) == 2  # one of commands, one of pages


def test_a_process_owner_complained_of_cannot_cancel_the_complaint(office: Office) -> None:
    office.handle(c.ChangeAccount(actor=c.SYSTEM, account_id="katim", roles=("staff", "process_owner")))
    instance = office.complaint(petugas_dikeluhkan="katim")
    cancel = c.CancelProcessInstance(actor=person("katim"), instance_id=instance, reason="biar cepat")
    assert isinstance(office.refused(cancel), NotPermitted)
