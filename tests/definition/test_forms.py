"""Forms: what is read, what is accepted from people, and every refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definition.feel import FeelEngine
from engine.definition.forms import UNCHANGED, Form, Group, Note, parse_form
from engine.errors import DefinitionRejected, FeelError, FormRejected

FORMS = sorted((Path(__file__).parents[2] / "processes" / "pelayanan_prima" / "forms").glob("*.form"))
NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
ZONE = "Asia/Jakarta"


@pytest.fixture(scope="module")
def feel() -> Iterator[FeelEngine]:
    with FeelEngine(timeout_ms=1000) as engine:
        yield engine


def field(kind: str, key: str = "isian", **more: Any) -> dict[str, Any]:
    return {"type": kind, "id": f"id_{key}", "key": key, "label": f"Isian {key}", **more}


def form_of(*components: Mapping[str, Any]) -> Form:
    schema = {"type": "default", "id": "contoh", "components": list(components), "schemaVersion": 18}
    return parse_form(json.dumps(schema), name="contoh.form")


def rules_of(*components: Mapping[str, Any]) -> list[str]:
    with pytest.raises(DefinitionRejected) as caught:
        form_of(*components)
    assert all(problem.file == "contoh.form" and str(problem) for problem in caught.value.problems)
    return [problem.rule for problem in caught.value.problems]


class Checker:
    """Validates with the surroundings of these tests."""

    def __init__(self, feel: FeelEngine) -> None:
        self.feel = feel

    def accepted(self, form: Form, values: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        return form.validate(values, **{"context": {}, "feel": self.feel, "now": NOW, "zone": ZONE, **more})

    def refused(self, form: Form, values: Mapping[str, Any], **more: Any) -> dict[str, str]:
        with pytest.raises(FormRejected) as caught:
            self.accepted(form, values, **more)
        return {f"{problem.key}:{problem.rule}": str(problem) for problem in caught.value.problems}


@pytest.fixture
def check(feel: FeelEngine) -> Checker:
    return Checker(feel)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_the_shipped_forms_are_read(path: Path) -> None:
    form = parse_form(path.read_bytes(), name=path.name)
    assert form.id == path.stem
    assert form.fields


def test_what_a_form_declares() -> None:
    form = form_of(
        field("textarea", "isi", properties={"personal": "true"}),
        field("number", "jumlah"),
        field("checkbox", "siap"),
        field("datetime", "kapan", subtype="datetime", dateLabel="Kapan"),
        field("select", "jenis", values=[{"label": "A", "value": "a"}]),
        field("radio", "petugas", valuesKey="daftar"),
        field("checklist", "hari", values=["sen", "sel"]),
    )
    assert form.declared_variables() == {
        "isi": ("string", True),
        "jumlah": ("number", False),
        "siap": ("boolean", False),
        "kapan": ("datetime", False),
        "jenis": ("string", False),
        "petugas": ("any", False),
        "hari": ("list", False),
    }


def test_layout_keeps_its_order_and_groups() -> None:
    inner = field("textfield", "b", conditional={"hide": "=x"})
    form = form_of(
        {"type": "text", "id": "t", "text": "**Tebal**"},
        {"type": "group", "id": "g", "label": "Kelompok", "components": [inner], "conditional": {"hide": "=y"}},
        {"type": "separator", "id": "s"},
        {"type": "button", "id": "k", "label": "Kirim"},
        field("textfield", "a", layout={"row": "baris_1", "columns": 8}),
    )
    note, group, _, last = form.items
    assert isinstance(note, Note)
    assert note.text == "**Tebal**"
    assert isinstance(group, Group)
    assert group.label == "Kelompok"
    assert [item.key for item in form.fields] == ["b", "a"]
    assert form.by_key["b"].group == ("g",)
    assert form.by_key["b"].hide == ("y", "x")
    assert (last.row, last.columns) == ("baris_1", 8)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("component", "rule"),
    [
        (field("filepicker"), "form_component_unsupported"),
        (field("taglist"), "form_component_unsupported"),
        (field("textfield", key="a-b"), "form_key"),
        ({"type": "textfield", "id": "x"}, "form_key"),
        (field("textfield", wajib=True), "form_property_unsupported"),
        (field("textarea", validate={"pattern": "a"}), "form_property_unsupported"),
        (field("textfield", validate={"required": "ya"}), "form_value"),
        (field("textfield", validate={"pattern": "(a", "validationType": "custom"}), "form_value"),
        (field("textfield", validate={"minLength": -1}), "form_value"),
        (field("number", validate={"max": "sepuluh"}), "form_value"),
        (field("number", validate={"max": "=1 +"}), "form_expression"),
        (field("number", serializeToString=True), "form_property_unsupported"),
        (field("number", increment="0"), "form_value"),
        (field("textfield", conditional={"hide": "=a ="}), "form_expression"),
        (field("textfield", conditional={"hide": "a = 1"}), "form_expression"),
        (field("textfield", conditional={"show": "=a"}), "form_property_unsupported"),
        (field("textfield", label="=nama"), "form_text"),
        (field("textfield", properties={"personal": "ya"}), "form_value"),
        (field("textfield", properties={"max": "now"}), "form_property_unsupported"),
        (field("datetime", subtype="datetime", properties={"max": "besok"}), "form_value"),
        (field("datetime", subtype="minggu"), "form_value"),
        (field("select"), "form_options"),
        (field("select", values=[{"label": "tanpa nilai"}]), "form_options"),
        (field("select", values=["a", "a"]), "form_options"),
        (field("select", values=["a"], valuesKey="b"), "form_options"),
        (field("select", values=["a"], defaultValue="b"), "form_value"),
        (field("checkbox", defaultValue="ya"), "form_value"),
        ({"type": "text", "id": "t", "text": "Halo {{nama}}"}, "form_text"),
        ({"type": "group", "id": "g", "path": "alamat", "components": []}, "form_property_unsupported"),
        ({"type": "group", "id": "g"}, "form_components"),
    ],
)
def test_what_the_engine_does_not_carry_out_is_refused(component: dict[str, Any], rule: str) -> None:
    assert rules_of(component) == [rule]


def test_all_problems_of_a_form_come_at_once() -> None:
    assert rules_of(
        field("filepicker", "a"), field("textfield", "b", aneh=1), field("number", "c"), field("number", "c")
    ) == [
        "form_component_unsupported",
        "form_property_unsupported",
        "form_id_repeated",
        "form_key_repeated",
    ]


def test_a_personal_value_decides_no_condition() -> None:
    nama = field("textfield", "nama", properties={"personal": "true"})
    assert rules_of(nama, field("textfield", "lain", conditional={"hide": '=nama = ""'})) == ["form_personal_condition"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"type": "lain"}', "[" * 100_000, b"\xff"])
def test_what_is_no_form_is_refused(text: str | bytes) -> None:
    with pytest.raises(DefinitionRejected):
        parse_form(text, name="contoh.form")


@pytest.mark.parametrize(
    ("component", "sent", "stored"),
    [
        (field("textfield"), "  Budi ", "Budi"),
        (field("textarea"), "satu\r\ndua", "satu\ndua"),
        (field("textfield"), "", None),
        (field("textfield"), None, None),
        (field("number"), "1,5", 1.5),
        (field("number"), "12", 12),
        (field("number"), 3.0, 3),
        (field("number"), " ", None),
        (field("checkbox"), True, True),
        (field("checkbox"), "on", True),
        (field("checkbox"), None, False),
        (field("datetime", subtype="date"), "2026-11-23", "2026-11-23"),
        (field("datetime", subtype="time"), "14:30", "14:30:00"),
        (field("datetime", subtype="datetime"), "2026-11-23T14:30", "2026-11-23T07:30:00.000000Z"),
        (field("datetime", subtype="datetime"), "2026-11-23T14:30:00+08:00", "2026-11-23T06:30:00.000000Z"),
        (field("select", values=["a", "b"]), "a", "a"),
        (field("select", values=["a", "b"]), None, None),
        (field("checklist", values=["a", "b"]), ["b"], ["b"]),
        (field("checklist", values=["a", "b"]), None, []),
    ],
)
def test_values_are_typed_and_normalised(check: Checker, component: dict[str, Any], sent: Any, stored: Any) -> None:
    found = check.accepted(form_of(component), {"isian": sent})["isian"]
    assert found == stored
    assert type(found) is type(stored)


@pytest.mark.parametrize(
    ("component", "sent", "rule"),
    [
        (field("textfield", validate={"required": True}), "  ", "required"),
        (field("checkbox", validate={"required": True}), False, "confirm"),
        (field("checklist", values=["a"], validate={"required": True}), [], "required"),
        (field("number", validate={"required": True}), None, "required"),
        (field("textfield"), 5, "text"),
        (field("textfield"), "a\0b", "characters"),
        (field("textfield"), "\ud800", "characters"),
        (field("number"), "lima", "number"),
        (field("number"), True, "number"),
        (field("number"), float("nan"), "number"),
        (field("number"), 2**60, "max"),
        (field("number"), "9" * 5000, "number"),
        (field("number", validate={"min": 1}), 0, "min"),
        (field("number", validate={"max": 10}), 10.5, "max"),
        (field("number", decimalDigits=1), 1.25, "decimals"),
        (field("number", increment="0.5"), 0.7, "step"),
        (field("checkbox"), "mungkin", "boolean"),
        (field("textfield", validate={"minLength": 3}), "ab", "min_length"),
        (field("textfield", validate={"maxLength": 3}), "abcd", "max_length"),
        (field("textfield", validate={"pattern": "^[A-Z]+$", "validationType": "custom"}), "abc", "pattern"),
        (field("textfield", validate={"validationType": "email"}), "bukan surel", "email"),
        (field("textfield", validate={"validationType": "phone"}), "nol delapan", "phone"),
        (field("datetime", subtype="date"), "23-11-2026", "date"),
        (field("datetime", subtype="date"), "2026-02-30", "date"),
        (field("datetime", subtype="time"), "25:00", "time"),
        (field("datetime", subtype="datetime"), "2026-11-23", "datetime"),
        (field("datetime", subtype="datetime", properties={"max": "now"}), "2026-11-23T14:31", "not_future"),
        (field("datetime", subtype="date", disallowPassedDates=True), "2026-11-22", "not_passed"),
        (field("datetime", subtype="date", properties={"min": "2026-12-01"}), "2026-11-30", "earliest"),
        (field("select", values=["a", "b"]), "c", "option"),
        (field("select", values=[1, 2]), True, "option"),
        (field("select", valuesKey="tidak_ada"), "a", "no_options"),
        (field("checklist", values=["a", "b"]), ["a", "c"], "option"),
        (field("checklist", values=["a", "b"]), "a", "list"),
    ],
)
def test_a_broken_rule_is_told(check: Checker, component: dict[str, Any], sent: Any, rule: str) -> None:
    problems = check.refused(form_of(component), {"isian": sent})
    assert list(problems) == [f"isian:{rule}"]
    assert '"Isian isian"' in problems[f"isian:{rule}"]
    assert "%(" not in problems[f"isian:{rule}"]


def test_the_limits_themselves_are_within(check: Checker) -> None:
    form = form_of(
        field("number", "n", validate={"min": 1, "max": 10}),
        field("textfield", "t", validate={"minLength": 2, "maxLength": 2}),
        field("datetime", "d", subtype="datetime", properties={"max": "now"}),
        field("datetime", "e", subtype="date", disallowPassedDates=True),
    )
    sent = {"n": 10, "t": "ab", "d": "2026-11-23T14:30", "e": "2026-11-23"}
    assert check.accepted(form, sent) == {**sent, "d": "2026-11-23T07:30:00.000000Z"}


def test_all_problems_come_at_once_and_read_as_sentences(check: Checker) -> None:
    form = form_of(field("textfield", "alasan", label="Alasan", validate={"required": True}), field("number", "n"))
    problems = check.refused(form, {"n": "x", "lain": 1})
    assert problems == {
        "lain:unknown": 'Isian "lain" tidak ada di formulir ini.',
        "alasan:required": '"Alasan" wajib diisi.',
        "n:number": '"Isian n" harus berupa bilangan, ditemukan "x".',
    }


def test_a_label_with_a_percent_sign_is_shown_as_it_is(check: Checker) -> None:
    form = form_of(field("number", "n", label="Tarif 10%(baru)s", validate={"required": True}))
    assert check.refused(form, {}) == {"n:required": '"Tarif 10%(baru)s" wajib diisi.'}


def test_a_hidden_field_is_neither_required_nor_taken(check: Checker) -> None:
    form = form_of(
        field("checkbox", "siap"),
        field("textfield", "alasan", validate={"required": True}, conditional={"hide": "=siap = true"}),
    )
    assert check.accepted(form, {"siap": True, "alasan": "terkirim juga"}) == {"siap": True}
    assert check.accepted(form, {"siap": False, "alasan": "ATK habis"}) == {"siap": False, "alasan": "ATK habis"}
    assert check.refused(form, {"siap": False}).keys() == {"alasan:required"}


def test_what_depends_on_a_hidden_field_sees_null(check: Checker) -> None:
    form = form_of(
        field("checkbox", "keluhan"),
        field("checkbox", "anonim", conditional={"hide": "=keluhan != true"}),
        field("textfield", "kontak", conditional={"hide": "=anonim != true"}),
    )
    assert check.accepted(form, {"keluhan": False, "anonim": True, "kontak": "x"}) == {"keluhan": False}
    assert check.accepted(form, {"keluhan": True, "anonim": True, "kontak": "x"})["kontak"] == "x"


def test_a_group_hides_its_fields(check: Checker) -> None:
    group = {
        "type": "group",
        "id": "g",
        "conditional": {"hide": "=tutup"},
        "components": [field("textfield", "a", validate={"required": True})],
    }
    form = form_of(group)
    assert check.accepted(form, {}, context={"tutup": True}) == {}
    assert check.refused(form, {}, context={"tutup": False}).keys() == {"a:required"}
    around: dict[str, Any] = {"feel": check.feel, "now": NOW, "zone": ZONE}
    assert form.hidden({}, context={"tutup": True}, **around) == {"g", "id_a"}
    assert form.hidden({}, context={}, **around) == frozenset()


def test_conditions_that_hide_one_another_still_come_to_an_end(check: Checker) -> None:
    form = form_of(
        field("textfield", "a", conditional={"hide": '=b = "x"'}),
        field("textfield", "b", conditional={"hide": '=a = "x"'}),
    )
    assert check.accepted(form, {"a": "x", "b": "x"}) in ({}, {"a": "x"}, {"b": "x"}, {"a": "x", "b": "x"})


def test_conditions_see_the_process_and_the_clock(check: Checker) -> None:
    hide = '=diterima_pada = null or date and time(diterima_pada) >= now() - duration("PT1H")'
    form = form_of(
        field("datetime", "diterima_pada", subtype="datetime"),
        field("textfield", "alasan", validate={"required": True}, conditional={"hide": hide}),
    )
    assert "alasan" not in check.accepted(form, {"diterima_pada": "2026-11-23T14:00"})
    assert check.refused(form, {"diterima_pada": "2026-11-23T13:00"}).keys() == {"alasan:required"}


def test_limits_may_be_feel_over_the_form_and_the_process(check: Checker) -> None:
    form = form_of(
        field("number", "n", validate={"max": "=batas + tambahan"}),
        field("number", "tambahan"),
        field("datetime", "d", subtype="datetime", properties={"min": '=now() - duration("P1D")'}),
    )
    context = {"batas": 5}
    assert check.accepted(form, {"n": 7, "tambahan": 2}, context=context)["n"] == 7
    assert check.refused(form, {"n": 8, "tambahan": 2}, context=context).keys() == {"n:max"}
    assert check.refused(form, {"d": "2026-11-22T14:29"}, context=context).keys() == {"d:earliest"}
    with pytest.raises(FeelError, match="bilangan diharapkan"):
        check.accepted(form, {"n": 8}, context={})


def test_choices_come_from_the_caller_the_process_or_feel(check: Checker) -> None:
    form = form_of(
        field("select", "a", valuesKey="daftar"),
        field("radio", "b", valuesExpression="=for i in 1..3 return {value: i, label: string(i)}"),
    )
    listed = [{"value": "x", "label": "Si X"}]
    assert check.accepted(form, {"a": "x", "b": 3}, options={"daftar": listed}) == {"a": "x", "b": 3}
    assert check.accepted(form, {"a": "y", "b": None}, context={"daftar": ["y"]}) == {"a": "y", "b": None}
    assert check.refused(form, {"a": "y", "b": 4}, options={"daftar": listed}).keys() == {"a:option", "b:option"}
    around: dict[str, Any] = {
        "context": {},
        "feel": check.feel,
        "now": NOW,
        "zone": ZONE,
        "options": {"daftar": listed},
    }
    assert [option.label for option in form.options_of(form.by_key["a"], {}, **around)] == ["Si X"]


def test_a_read_only_field_keeps_what_the_process_has(check: Checker) -> None:
    form = form_of(field("textfield", "petugas", readonly=True, validate={"required": True}), field("textfield", "b"))
    context = {"petugas": "sari"}
    assert check.accepted(form, {"b": "x"}, context=context) == {"petugas": "sari", "b": "x"}
    assert check.accepted(form, {"petugas": "sari", "b": "x"}, context=context)["petugas"] == "sari"
    assert check.refused(form, {"petugas": "agus"}, context=context).keys() == {"petugas:read_only"}
    assert check.refused(form, {}).keys() == {"petugas:required"}


def test_a_read_only_field_that_has_nothing_sets_nothing(check: Checker) -> None:
    form = form_of(field("textfield", "catatan", readonly=True), field("textfield", "b"))
    assert check.accepted(form, {"b": "x"}) == {"b": "x"}


def test_read_only_may_depend_on_the_process(check: Checker) -> None:
    form = form_of(field("textfield", "a", readonly="=terkunci"))
    assert check.accepted(form, {"a": "baru"}, context={"a": "lama"}) == {"a": "baru"}
    assert check.refused(form, {"a": "baru"}, context={"a": "lama", "terkunci": True}).keys() == {"a:read_only"}


def test_an_unchanged_masked_value_stays(check: Checker) -> None:
    form = form_of(
        field("textfield", "kontak", properties={"personal": "true"}, validate={"required": True, "maxLength": 3})
    )
    hidden_value = {"$personal": "abc"}
    assert check.accepted(form, {"kontak": UNCHANGED}, context={"kontak": hidden_value}) == {"kontak": hidden_value}
    assert check.refused(form, {"kontak": UNCHANGED}).keys() == {"kontak:required"}


def test_a_default_stands_for_a_key_that_is_not_given(check: Checker) -> None:
    form = form_of(field("textfield", "a", defaultValue="biasa"), field("checkbox", "b", defaultValue=True))
    assert check.accepted(form, {}) == {"a": "biasa", "b": True}
    assert check.accepted(form, {"a": None, "b": None}) == {"a": None, "b": False}


def test_a_submitted_page_is_read_leniently(check: Checker) -> None:
    form = form_of(
        field("textfield", "nama"),
        field("number", "jumlah"),
        field("checkbox", "siap"),
        field("checkbox", "hadir", defaultValue=True),
        field("checklist", "hari", values=["sen", "sel"]),
        field("textfield", "tetap", readonly=True),
    )
    sent = {"nama": [" Budi "], "jumlah": "", "siap": "on", "hari": ["sen", "sel"]}
    values = form.from_html(sent)
    assert check.accepted(form, values, context={"tetap": "t"}) == {
        "nama": "Budi",
        "jumlah": None,
        "siap": True,
        "hadir": False,
        "hari": ["sen", "sel"],
        "tetap": "t",
    }
    assert form.from_html({})["hari"] == []
    assert check.refused(form, form.from_html({"lain": "x"})).keys() == {"lain:unknown"}


def test_a_pattern_that_explodes_is_stopped() -> None:
    form = form_of(field("textfield", "a", validate={"pattern": "^(a+)+$", "validationType": "custom"}))
    with FeelEngine(timeout_ms=20) as engine, pytest.raises(FeelError, match="batas waktu"):
        form.validate({"a": "a" * 40 + "!"}, context={}, feel=engine, now=NOW, zone=ZONE)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
EVERY_KIND = form_of(
    field("textfield", "t"),
    field("number", "n", validate={"min": -5}),
    field("checkbox", "c"),
    field("datetime", "d", subtype="date"),
    field("datetime", "j", subtype="time"),
    field("datetime", "w", subtype="datetime"),
    field("select", "s", values=["a", "b"]),
    field("checklist", "l", values=["a", "b"]),
)


@given(values=st.fixed_dictionaries({}, optional=dict.fromkeys(EVERY_KIND.by_key, JSON_VALUES)))
def test_whatever_is_sent_is_refused_or_becomes_what_is_accepted_again(
    feel: FeelEngine, values: dict[str, Any]
) -> None:
    found = outcome(values, feel)
    if isinstance(found, FormRejected):
        assert found.problems
        return
    assert found.keys() == EVERY_KIND.by_key.keys()
    assert outcome(found, feel) == found


def outcome(values: Mapping[str, Any], feel: FeelEngine) -> dict[str, Any] | FormRejected:
    try:
        return EVERY_KIND.validate(values, context={}, feel=feel, now=NOW, zone=ZONE)
    except FormRejected as rejected:
        return rejected
