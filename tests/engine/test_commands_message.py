"""Messages: starts, correlation, buffering, expiry; and everything that may be refused."""

from __future__ import annotations

import pytest

from engine import commands as c
from tests.definition.diagram import boundary, gateway, message_root
from tests.engine.models import (
    OPEN,
    bpmn,
    catch,
    chain,
    element,
    end,
    form,
    human,
    line,
    message,
    start,
    timer,
    zeebe,
)
from tests.engine.office import Office, person


def publish(key: str = "7", *, by: str = "petugas", **more: object) -> c.PublishMessage:
    return c.PublishMessage(actor=person(by), name="kabar", correlation_key=key, **more)  # type: ignore[arg-type]


def waiting() -> bytes:
    """A task, then a wait for `kabar` by the number."""
    return line(("kerja", human()), ("tunggu", catch("tunggu", message())), root=message_root())


def at_once() -> bytes:
    return line(("tunggu", catch("tunggu", message())), root=message_root())


def test_a_message_reaches_who_waits_for_its_key(either_office: Office) -> None:
    office = either_office
    office.deploy(at_once())
    seven, eight = office.start({"nomor": "7"}), office.start({"nomor": "8"})
    office.handle(publish("7", variables={"isi": "halo"}))
    assert office.state(seven) == "ACTIVE"
    office.runs()
    assert (office.state(seven), office.state(eight)) == ("COMPLETED", "ACTIVE")
    assert office.variables(seven)["isi"] == "halo"


def test_a_delivery_says_what_caused_it(office: Office) -> None:
    office.deploy(at_once())
    instance = office.start({"nomor": "7"})
    outcome = office.handle(publish())
    office.runs()
    entries = office.rows()["journal"]
    (caused,) = [row for row in entries if row[2] == f"instance:{instance}" and outcome.stream in row]
    assert outcome.seq in caused


def test_a_process_gets_a_message_once(office: Office) -> None:
    office.deploy(at_once())
    first = office.start({"nomor": "7"})
    office.later(seconds=1)
    second = office.start({"nomor": "7"})
    office.handle(publish())
    office.runs()
    assert (office.state(first), office.state(second)) == ("COMPLETED", "ACTIVE")
    office.handle(publish())
    office.runs()
    assert office.state(second) == "COMPLETED"


def test_a_message_that_comes_too_early_is_kept_and_delivered(either_office: Office) -> None:
    office = either_office
    office.deploy(waiting())
    instance = office.start({"nomor": "7"})
    office.handle(publish(variables={"isi": "awal"}, time_to_live=600))
    office.runs()
    office.reopen()
    office.later(seconds=599)
    office.completes("petugas", "kerja", instance)
    office.runs()
    assert office.state(instance) == "COMPLETED"
    assert office.variables(instance)["isi"] == "awal"
    assert office.rows()["message"] == []


def test_a_message_may_come_before_any_instance(office: Office) -> None:
    office.deploy(at_once())
    office.handle(publish())
    instance = office.start({"nomor": "7"})
    office.runs()
    assert office.state(instance) == "COMPLETED"


def test_a_message_whose_time_is_over_is_not_delivered(office: Office) -> None:
    office.deploy(waiting())
    instance = office.start({"nomor": "7"})
    office.handle(publish(time_to_live=600))
    office.later(seconds=600)
    office.completes("petugas", "kerja", instance)
    office.runs()
    assert office.waits_at(instance) == ["tunggu"]


def test_kept_messages_are_delivered_oldest_first_and_once_each(office: Office) -> None:
    office.deploy(at_once())
    for text in ("satu", "dua"):
        office.handle(publish(variables={"isi": text}))
        office.later(seconds=1)
    first, second, third = (office.start({"nomor": "7"}) for _ in range(3))
    office.runs()
    assert [office.variables(item).get("isi") for item in (first, second, third)] == ["satu", "dua", None]


def test_a_non_interrupting_boundary_event_hears_many_messages(office: Office) -> None:
    parts = (start(), human(), boundary("dengar", "kerja", message(), cancelActivity="false"), end(), end("usai"))
    flows = chain("mulai", "kerja", "selesai") + chain("dengar", "usai")
    office.deploy(bpmn(*parts, flows, root=message_root(), properties=OPEN))
    instance = office.start({"nomor": "7"})
    for number in range(3):
        office.handle(publish(variables={"isi": number}))
        office.runs()
    assert office.page(instance).visits["dengar"] == 3
    assert office.variables(instance)["isi"] == 2
    office.completes("petugas", "kerja", instance)
    assert office.state(instance) == "COMPLETED"
    assert office.rows()["message_subscription"] == []


def test_an_interrupting_boundary_event_withdraws_the_task(office: Office) -> None:
    parts = (start(), human(), boundary("dengar", "kerja", message()), end(), end("usai"))
    flows = chain("mulai", "kerja", "selesai") + chain("dengar", "usai")
    office.deploy(bpmn(*parts, flows, root=message_root(), properties=OPEN))
    instance = office.start({"nomor": "7"})
    task = office.claims("petugas", "kerja", instance)
    office.handle(publish())
    office.runs()
    assert office.state(instance) == "COMPLETED"
    refusal = office.refused(c.CompleteUserTask(actor=person("petugas"), task_id=task))
    assert (refusal.http_status, str(refusal)) == (409, 'Tugas "kerja" sudah ditarik (23/11/2026 07.00 WIB).')


def race() -> bytes:
    """An event-based gateway between a message and an hour."""
    parts = (
        start(),
        gateway("lomba", "eventBasedGateway"),
        catch("kabar_tiba", message()),
        catch("sejam", timer("PT1H")),
    )
    flows = chain("mulai", "lomba", "kabar_tiba", "ya") + chain("lomba", "sejam", "tidak")
    return bpmn(*parts, end("ya"), end("tidak"), flows, root=message_root(), properties=OPEN)


@pytest.mark.parametrize(("message_comes", "end_event"), [(True, "ya"), (False, "tidak")])
def test_behind_an_event_based_gateway_the_first_event_wins(
    office: Office, message_comes: bool, end_event: str
) -> None:
    office.deploy(race())
    instance = office.start({"nomor": "7"})
    if message_comes:
        office.handle(publish())
        office.runs()
    office.later(hours=1)
    office.runs()
    page = office.page(instance)
    assert page.instance.state == "COMPLETED"
    assert {name for name in page.visits if name in ("ya", "tidak")} == {end_event}
    rows = office.rows()
    assert [row for row in rows["timer"] if row[2] == instance] == []
    assert rows["message_subscription"] == []


def test_a_message_that_arrives_after_its_hour_loses(office: Office) -> None:
    office.deploy(race())
    instance = office.start({"nomor": "7"})
    office.handle(publish())
    office.later(hours=2)
    office.runs()
    assert "tidak" in office.page(instance).visits
    assert office.rows()["outbox"] == []


def test_a_message_starts_an_instance_and_restart_loses_no_delivery(either_office: Office) -> None:
    office = either_office
    begin = element("startEvent", "surat_masuk", message())
    office.deploy(
        bpmn(
            begin,
            human(),
            end(),
            chain("surat_masuk", "kerja", "selesai"),
            root=message_root(key=None),
            properties=OPEN,
        )
    )
    office.handle(publish("", variables={"isi": "halo"}))
    office.reopen()
    office.runs()
    (view,) = office.engine.instances(office.account("auditor"), key="proses").rows
    assert (view.start_event, office.variables(view.id)) == ("surat_masuk", {"isi": "halo"})
    office.runs()
    assert len(office.engine.instances(office.account("auditor"), key="proses").rows) == 1


def test_a_new_version_without_the_message_start_no_longer_hears_it(office: Office) -> None:
    begin = element("startEvent", "surat_masuk", message())
    office.deploy(
        bpmn(
            begin,
            human(),
            end(),
            chain("surat_masuk", "kerja", "selesai"),
            root=message_root(key=None),
            properties=OPEN,
        )
    )
    office.deploy(line(("kerja", human())))
    assert office.refused(publish("")).http_status == 404


def test_refusals_of_publishing(office: Office) -> None:
    refusal = office.refused(publish())
    assert (refusal.http_status, str(refusal)) == (404, "Tidak ada proses yang mengenal pesan kabar.")
    office.deploy(at_once())
    for seconds in (-1, 31 * 24 * 3600):
        assert office.refused(publish(time_to_live=seconds)).http_status == 422
    for stranger in ("auditor", "siapa"):
        assert office.refused(publish(by=stranger)).http_status == 403


def test_a_message_start_keeps_the_rules_of_its_form(office: Office) -> None:
    incomplete = office.complaint_form(isi_keluhan="pendek")
    command = c.PublishMessage(actor=person("katim2"), name="keluhan_masuk", variables=incomplete)
    refusal = office.refused(command)
    assert (refusal.http_status, "Isi keluhan" in str(refusal)) == (422, True)


def test_undeclared_variables_of_a_message_are_refused_when_it_is_published(office: Office) -> None:
    fields = form("isian", {"type": "textfield", "key": "nomor", "label": "Nomor"})
    service = human("kerja", zeebe("formDefinition", formId="isian"))
    office.deploy(
        line(("kerja", service), ("tunggu", catch("tunggu", message())), root=message_root(), properties=""),
        isian=fields,
    )
    for ready in (False, True):
        if ready:
            office.completes("petugas", "kerja", office.start({"nomor": "7"}), {"nomor": "7"})
        refusal = office.refused(publish(variables={"lain": 1}))
        assert (refusal.http_status, "lain" in str(refusal)) == (422, True)


def test_correlating_with_a_subscription_that_is_gone_is_refused(office: Office) -> None:
    office.deploy(at_once())
    instance = office.start({"nomor": "7"})
    gone = c.CorrelateMessage(actor=c.SYSTEM, subscription_id=f"{instance}:tunggu.m9", message_id="m")
    assert office.refused(gone).http_status == 409
    here = c.CorrelateMessage(actor=c.SYSTEM, subscription_id=f"{instance}:tunggu.m1", message_id="m")
    office.handle(here)
    assert office.state(instance) == "COMPLETED"
    assert office.refused(here).http_status == 409


def test_a_key_that_is_a_number_is_the_same_as_its_text(office: Office) -> None:
    office.deploy(at_once())
    instance = office.start({"nomor": 7})
    office.handle(publish("7"))
    office.runs()
    assert office.state(instance) == "COMPLETED"
