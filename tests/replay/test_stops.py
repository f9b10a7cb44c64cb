"""What a limit of time cut off is replayed as it was, not measured again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine import commands as c
from engine.definition.feel import FeelEngine
from engine.errors import FeelLimitExceeded
from engine.store.encoding import inflate
from tests.engine.models import line, task, zeebe
from tests.engine.office import Office, person

SLOW = '=if lambat > 0 then "petugas" else "petugas2"'


def test_a_time_out_is_on_record_and_not_measured_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.deploy(line(("kerja", task("kerja", zeebe("assignmentDefinition", assignee=SLOW)))))
    real = FeelEngine.evaluate

    def too_slow(self: FeelEngine, expression: str, *given: Any, **named: Any) -> Any:
        if expression == SLOW[1:]:
            raise FeelLimitExceeded(f"={expression}: melewati batas waktu 50 ms")
        return real(self, expression, *given, **named)

    monkeypatch.setattr(FeelEngine, "evaluate", too_slow)
    instance = office.start({"lambat": 1})
    (incident,) = office.page(instance).incidents
    monkeypatch.undo()  # the computer has become quicker
    assert office.engine.replay(instance).problems == []
    assert office.engine.verify().ok
    office.handle(c.RetryIncident(actor=person("admin"), incident_id=incident.id))
    assert office.task("kerja", instance).assignee == "petugas"
    assert office.engine.replay(instance).problems == []


def test_only_what_was_cut_off_is_on_record(office: Office) -> None:
    office.start({"nomor": 1}, key=office.deploy(line(("kerja", task("kerja")))))
    bodies = [json.loads(inflate(row[-1])) for row in office.rows()["journal"]]
    assert all("stops" not in body["command"] for body in bodies)
