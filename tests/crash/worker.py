"""Works in the demo office until it is killed (`python -m tests.crash.worker DATA_DIRECTORY`).

A runner does what is due; three threads start visits, take tasks and complete them, whatever they find open.  Each
command that the engine has accepted is acknowledged by a line of JSON on standard output, written only after `handle`
has returned.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from engine import Engine, commands, open_engine
from engine.commands import Actor, ClaimUserTask, Command, CompleteUserTask, StartProcessInstance
from engine.errors import CommandRejected
from engine.jobs.runner import Runner
from engine.values import Value
from engine.views import TaskView

VISIT = {"tim": "tim-a", "jenis_layanan": "cop", "nama_pelanggan": "Nyonya Rahasia", "no_permintaan": "P-1"}
VALUES: Mapping[str, Mapping[str, Value]] = {
    "pelayanan": {"persyaratan_lengkap": True, "hasil": "selesai", "no_dokumen": "D-1"},
    "informasi": {"info_persyaratan": True, "info_biaya": True, "info_waktu": True, "info_kanal_pengaduan": True},
    "penerimaan": {"sesuai_standar": "ya"},
}
PEOPLE = ("petugas", "petugas", "katim")
TASKS_AT_A_TIME = 3


def work(engine: Engine, account_id: str) -> None:
    """Complete what is open, and start one visit more, again and again."""
    viewer = engine.account(account_id)
    assert viewer is not None
    actor = Actor(account_id)
    while True:
        for view in ("mine", "queue"):
            for task in engine.inbox(viewer, view, limit=TASKS_AT_A_TIME).rows:
                finish(engine, actor, task)
        start = StartProcessInstance("pelayanan_prima", "pelanggan_datang", VISIT, actor=actor, command_id=str(uuid4()))
        attempt(engine, start)


def finish(engine: Engine, actor: Actor, task: TaskView) -> None:
    """Take a task if nobody has it, and complete it; somebody else may be quicker."""
    values = VALUES.get(task.element_id)
    if values is None:
        return
    if task.assignee is None:
        attempt(engine, ClaimUserTask(task.id, actor=actor, command_id=str(uuid4())))
    attempt(engine, CompleteUserTask(task.id, values, actor=actor, command_id=str(uuid4())))


def attempt(engine: Engine, command: Command) -> None:
    """Carry out a command and acknowledge it, unless it is rejected."""
    try:
        outcome = engine.handle(command)
    except CommandRejected:
        return
    acknowledge(command, outcome)


def acknowledge(command: Command, outcome: commands.Outcome) -> None:
    """Say in one write what has been done."""
    line = {"command_id": command.command_id, "stream": outcome.stream, "seq": outcome.seq, "at": outcome.at}
    os.write(sys.stdout.fileno(), json.dumps(line).encode() + b"\n")


def main() -> None:
    """Open the office and work in it for ever."""
    with open_engine(data_dir=Path(sys.argv[1]), exclusive=True) as engine:
        Runner(engine).start()
        people = [threading.Thread(target=work, args=(engine, account), daemon=True) for account in PEOPLE]
        for person in people:
            person.start()
        for person in people:
            person.join()


if __name__ == "__main__":
    main()
