"""The same command id twice: applied once, and the first answer again."""

from __future__ import annotations

import pytest

from engine import commands as c
from tests.engine.models import one_task
from tests.engine.office import Office, person


@pytest.fixture
def started(office: Office) -> str:
    office.deploy(one_task())
    return office.start()


def test_a_repeated_start_makes_one_instance(either_office: Office) -> None:
    office = either_office
    office.deploy(one_task())
    command = c.StartProcessInstance(actor=c.SYSTEM, key="proses", command_id="mulai-1")
    first = office.handle(command)
    office.later(minutes=5)
    second = office.handle(command)
    assert (second.repeated, second.stream, second.seq, second.at) == (True, first.stream, first.seq, first.at)
    assert second.events == first.events
    assert len(office.rows()["process_instance"]) == 1


def test_a_repeated_completion_is_answered_and_not_refused(office: Office, started: str) -> None:
    task = office.claims("petugas", "kerja", started)
    command = c.CompleteUserTask(actor=person("petugas"), task_id=task, values={"nomor": 1}, command_id="selesai-1")
    office.handle(command)
    before = office.rows()
    assert office.handle(command).repeated
    assert office.rows() == before


def test_a_repeat_survives_a_restart(office: Office, started: str) -> None:
    command = c.ClaimUserTask(actor=person("petugas"), task_id=office.task("kerja", started).id, command_id="ambil-1")
    first = office.handle(command)
    office.reopen()
    again = office.handle(command)
    assert (again.repeated, again.seq) == (True, first.seq)


def test_a_refused_command_may_be_sent_again_under_its_id(office: Office, started: str) -> None:
    task = office.task("kerja", started).id
    command = c.CompleteUserTask(actor=person("petugas"), task_id=task, command_id="selesai-2")
    office.refused(command)
    office.handle(c.ClaimUserTask(actor=person("petugas"), task_id=task))
    assert not office.handle(command).repeated
    assert office.state(started) == "COMPLETED"


def test_a_repeated_publication_is_delivered_once(office: Office) -> None:
    command = c.PublishMessage(
        actor=person("katim2"), name="keluhan_masuk", variables=office.complaint_form(), command_id="surat-1"
    )
    office.handle(command)
    office.handle(command)
    office.runs()
    office.handle(command)
    office.runs()
    assert len(office.rows()["process_instance"]) == 1


def test_a_repeated_new_password_is_set_once(office: Office) -> None:
    command = c.SetPassword(actor=person("petugas"), account_id="petugas", password="kata sandi baru", command_id="p-1")
    office.handle(command)
    epoch = office.account("petugas").session_epoch
    office.handle(command)
    assert office.account("petugas").session_epoch == epoch
    assert office.engine.authenticate("petugas", "kata sandi baru") is not None
