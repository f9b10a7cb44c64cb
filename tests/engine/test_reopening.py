"""Whatever has been done, closing and opening the engine again changes nothing that anybody sees."""

from __future__ import annotations

from engine import commands as c
from engine.door import Engine
from tests.engine.office import (
    COMPLAINING,
    DELEGATED,
    FOLLOWED_UP,
    INFORMED,
    INSTRUCTED,
    NOT_READY,
    REPORTED,
    SERVED,
    WAITING_CUSTOMER,
    Office,
    person,
)


def everything(engine: Engine) -> dict[str, object]:
    """All that the engine shows, to everybody."""
    seen: dict[str, object] = {"next_due": engine.next_due(), "definitions": ()}
    for account in engine.accounts():
        for view in ("mine", "queue", "done"):
            seen[f"{account.id}/{view}"] = engine.inbox(account, view, limit=200)
        listed = engine.instances(account, limit=200)
        seen[f"{account.id}/instances"] = listed
        seen[f"{account.id}/escalations"] = engine.escalations(account)
        for row in listed.rows:
            page = engine.instance(account, row.id)
            seen[f"{account.id}/{row.id}"] = page
            for task in page.tasks:
                if task.state == "ACTIVE" and task.assignee == account.id:
                    seen[f"{account.id}/{task.id}"] = engine.task(account, task.id)
    return seen


class Reopening(Office):
    """An office that is closed and opened again after every command, and compared."""

    def handle(self, command: c.Command) -> c.Outcome:
        outcome = super().handle(command)
        self._compare()
        return outcome

    def runs(self) -> int:
        done = super().runs()
        self._compare()
        return done

    def _compare(self) -> None:
        before = everything(self.engine)
        self.reopen()
        assert everything(self.engine) == before


def reopening(office: Office) -> Office:
    office.__class__ = Reopening
    return office


def test_the_eight_rows_of_the_sop(office: Office) -> None:
    office = reopening(office)
    instance = office.opening()
    office.completes("kepala", "delegasi", instance, DELEGATED)
    for answer in (NOT_READY, WAITING_CUSTOMER):
        office.completes("katim", "instruksi", instance, INSTRUCTED)
        office.later(minutes=20)
        office.completes("petugas", "kesiapan", instance, answer)
    office.completes("petugas", "pelayanan", instance, SERVED)
    office.completes("petugas", "informasi", instance, INFORMED)
    office.completes("katim", "penerimaan", instance, COMPLAINING)
    office.completes("katim", "tindak_lanjut", instance, FOLLOWED_UP)
    office.completes("kepala", "laporan_keluhan", instance, REPORTED)
    assert office.state(instance) == "COMPLETED"


def test_claims_hand_overs_suspension_and_cancellation(office: Office) -> None:
    office = reopening(office)
    instance = office.complaint(tim=None, petugas_dikeluhkan=None)
    task = office.task("tindak_lanjut", instance).id
    office.handle(c.ClaimUserTask(actor=person("kepala"), task_id=task))
    office.handle(c.ReleaseUserTask(actor=person("kepala"), task_id=task))
    office.handle(c.AssignUserTask(actor=person("kepala"), task_id=task, assignee="katim2", reason="Disposisi"))
    office.handle(c.SuspendProcessInstance(actor=person("pemilik"), instance_id=instance, reason="Diperiksa"))
    office.handle(c.ResumeProcessInstance(actor=person("pemilik"), instance_id=instance))
    office.later(hours=73)
    office.runs()
    office.handle(c.CancelProcessInstance(actor=person("pemilik"), instance_id=instance, reason="Ganda"))
    assert office.state(instance) == "TERMINATED"
