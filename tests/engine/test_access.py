"""Who sees personal values is recorded: for each time of holding a task, and by which door."""

from __future__ import annotations

import json

from engine import commands as c
from engine.store.encoding import inflate
from tests.engine.office import Office, person


def seen(office: Office) -> list[tuple[str, str]]:
    """(account, door) of each record of access."""
    bodies = [json.loads(inflate(row[-1])) for row in office.rows()["journal"]]
    return [(body["actor"]["account"], body["actor"]["door"]) for body in bodies if body["stream"] == "access"]


def test_each_time_of_holding_is_recorded_once(office: Office) -> None:
    instance = office.complaint()
    katim = office.account("katim")
    for times in (1, 2):
        task = office.claims("katim", "tindak_lanjut", instance)
        office.engine.task(katim, task)
        office.engine.task(katim, task)
        assert seen(office) == [("katim", "web")] * times
        office.handle(c.ReleaseUserTask(actor=person("katim"), task_id=task))
        office.engine.task(katim, task)  # masked again
        assert len(seen(office)) == times


def test_the_door_is_told(office: Office) -> None:
    task = office.claims("katim", "tindak_lanjut", office.complaint())
    office.engine.task(office.account("katim"), task, actor=c.Actor("katim", "cli", through="root"))
    office.engine.task(office.account("katim"), task)
    assert seen(office) == [("katim", "cli"), ("katim", "web")]
