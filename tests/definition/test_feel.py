"""FEEL: the rules that the wrapper adds, the clock, the limits."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definition.calendar import Duration
from engine.definition.feel import FeelBudget, FeelEngine, compile_expression, is_pattern
from engine.errors import FeelError, FeelLimitExceeded, FeelSyntaxError

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
ZONE = "Asia/Jakarta"


@pytest.fixture(scope="module")
def feel() -> Iterator[FeelEngine]:
    with FeelEngine(timeout_ms=1000) as engine:
        yield engine


def value_of(feel: FeelEngine, expression: str, variables: Mapping[str, Any] | None = None) -> Any:
    return feel.evaluate(expression, variables or {}, now=NOW, zone=ZONE)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"7" > 5', None),
        ('"7" in [1..9]', None),
        ("true < 10", None),
        ('"2026" < date("2026-11-23")', None),
        ('date("2026-11-23") < date and time("2026-11-24T00:00:00")', None),
        ('date and time("2026-11-23T00:00:00") < date and time("2026-11-24T00:00:00Z")', None),
        ('duration("P1M") < duration("P40D")', None),
        ("null < 1", None),
        ('5 between 1 and "9"', None),
        ("5 in [null..9]", None),
        ("5 in [1..x]", None),
        ("[1] = 1", None),
        ('"5" in (5, 6)', False),
        ('before(1, "2")', None),
        ('overlaps([1..2], ["a".."b"])', None),
        ("5 in [1..9]", True),
        ("5 between 1 and 9", True),
        ("5 between 9 and 1", False),
        ("5 in [9..1]", False),
        ('"b" > "a"', True),
        ('duration("PT90M") > duration("PT1H")', True),
        ('date and time("2026-11-23T14:30:00+07:00") = date and time("2026-11-23T07:30:00Z")', True),
    ],
)
def test_values_of_unlike_kinds_are_neither_in_order_nor_in_a_range(
    feel: FeelEngine, expression: str, expected: bool | None
) -> None:
    assert value_of(feel, expression, {"x": None}) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('if "ya" then 1 else 2', 2),
        ("some x in [1, null] satisfies x > 2", None),
        ("every x in [3, null] satisfies x > 2", None),
        ("every x in [1, null] satisfies x > 2", False),
        ("[false, true, false][item = false]", [False, False]),
        ("[{siap: true, n: 1}, {siap: false, n: 2}][siap].n", [1]),
        ("[10, 20, 30][2]", 20),
        ("[10, 20, 30][-1]", 30),
        ("for i in -2..0 return i", [-2, -1, 0]),
        ('list contains([date("2026-01-01")], date("2026-01-01"))', True),
        ('duration("P200D") = duration("P201D")', False),
        ("1e3", 1000),
        ('number("")', None),
        ('number("0x10")', None),
        ('number("1.5")', 1.5),
        ('date and time("2026-11-23T14:30:00+07:00") - date and time("2026-11-23T07:00:00Z")', "PT30M"),
        ('now() - date and time("2026-11-23T07:00:00Z")', "PT30M"),
        ('date("2026-11-23") - date("2026-11-20")', "P3D"),
        (
            'date and time("2026-11-23T07:30:00.000002Z") > date and time("2026-11-23T07:30:00.000001Z")',
            True,
        ),
    ],
)
def test_departures_of_feelin_from_the_standard_are_mended(feel: FeelEngine, expression: str, expected: Any) -> None:
    assert value_of(feel, expression) == expected


def test_clock_and_zone_are_the_commands(feel: FeelEngine) -> None:
    assert value_of(feel, "now()") == "2026-11-23T14:30:00+07:00"
    late = datetime(2026, 11, 23, 20, 0, 0, 123456, tzinfo=UTC)
    assert feel.evaluate("today()", {}, now=late, zone="Asia/Jakarta") == "2026-11-24"
    assert feel.evaluate("today()", {}, now=late, zone="America/New_York") == "2026-11-23"
    assert feel.evaluate("now()", {}, now=late, zone="UTC") == "2026-11-23T20:00:00.123456Z"
    in_wit = late.astimezone(timezone(timedelta(hours=9)))
    assert feel.evaluate("now()", {}, now=in_wit, zone="UTC") == "2026-11-23T20:00:00.123456Z"


SCRIPT = """
import json
from datetime import UTC, datetime
from engine.definition.feel import FeelEngine
now = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
texts = ['now()', 'today()', 'string(now())', 'date and time("2026-03-29T02:30:00") + duration("PT1H")',
         'day of week(today())', 'time(now())', 'now() + duration("P1D")',
         'date and time("2026-03-29T07:00:00") < date and time("2026-03-29T08:00:00")',
         'date and time("2026-03-29T02:30:00@Europe/Berlin")']
engine = FeelEngine(timeout_ms=2000)
print(json.dumps([engine.evaluate(text, {}, now=now, zone="Asia/Makassar") for text in texts]))
"""


def test_the_servers_zone_decides_nothing() -> None:
    answers = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "TZ": zone},
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for zone in ("Pacific/Kiritimati", "America/New_York")
    }
    assert len(answers) == 1
    assert json.loads(answers.pop())[:2] == ["2026-03-29T08:59:59+08:00", "2026-03-29"]


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, math.inf, math.nan, {"a": [2**60]}, {1, 2}, b"x"])
def test_values_that_json_cannot_hold_exactly_are_refused_on_entry(feel: FeelEngine, value: Any) -> None:
    with pytest.raises(FeelError):
        value_of(feel, "x = 1", {"x": value})
    with pytest.raises(FeelError):
        value_of(feel, "x", {"x": value})


@pytest.mark.parametrize("expression", ["2 ** 60", "10 ** 400", "[2 ** 60]", "sum", "function(a) a + 1", "[1..2]"])
def test_results_that_cannot_be_stored_are_refused(feel: FeelEngine, expression: str) -> None:
    with pytest.raises(FeelError, match="diharapkan"):
        value_of(feel, expression)


def test_temporal_results_are_iso_text(feel: FeelEngine) -> None:
    assert value_of(feel, '{d: date("2026-11-23"), t: time("10:30:00"), p: duration("P1DT2H"), z: @"P0Y"}') == {
        "d": "2026-11-23",
        "t": "10:30:00",
        "p": "P1DT2H",
        "z": "P0M",
    }
    assert value_of(feel, '@"2026-11-23T14:30:00@Asia/Jakarta"') == "2026-11-23T14:30:00+07:00"


def test_an_unknown_variable_is_null_and_is_named(feel: FeelEngine) -> None:
    found = feel.evaluate_noting_unknown("siap and hadir", {"hadir": True}, now=NOW, zone=ZONE)
    assert found.value is None
    assert found.unknown == {"siap"}
    moved = feel.evaluate_noting_unknown("siap", {}, now=NOW, zone=ZONE)
    assert (moved.value, moved.unknown) == (None, {"siap"})
    known = feel.evaluate_noting_unknown("siap = null", {"siap": None}, now=NOW, zone=ZONE)
    assert (known.value, known.unknown) == (True, frozenset())
    untaken = feel.evaluate_noting_unknown("if true then 1 else siap", {}, now=NOW, zone=ZONE)
    assert (untaken.value, untaken.unknown) == (1, frozenset())


def test_names_are_the_variables_referenced() -> None:
    found = compile_expression(
        "for x in daftar, y in x.isi return x.n + y + z + count(pesanan.baris[harga > batas]) + {a: 1, b: a + c}.b"
    )
    assert found.names == {"daftar", "z", "pesanan", "c"}
    assert found.filter_names == {"harga", "batas"}
    assert found.paths == {"daftar", "z", "pesanan.baris", "c", "harga", "batas"}
    assert found.functions == {"count"}
    assert compile_expression("function(p) p.a < q").names == {"q"}
    assert compile_expression("some x in a satisfies x > b").names == {"a", "b"}
    assert compile_expression("x instance of number").names == {"x"}
    assert compile_expression("day of week(today())").names == frozenset()


@pytest.mark.parametrize(
    ("source", "bare"),
    [("a", "a"), ("a.b.c", "a.b.c"), (" a . b ", "a.b"), ("a + 1", None), ("(a)", None), ("a[1]", None), ("1", None)],
)
def test_a_bare_path_moves_a_value_whole(source: str, bare: str | None) -> None:
    found = compile_expression(source)
    assert (found.bare_path, found.is_bare_path) == (bare, bare is not None)


def test_constants_and_the_clock_are_told_apart() -> None:
    assert compile_expression('"PT" + "5M"').is_constant
    assert not compile_expression("now()").is_constant
    assert not compile_expression("today() > x").is_constant


@pytest.mark.parametrize(
    ("source", "position", "words"),
    [
        ("3 +", 3, "belum lengkap"),
        ("", 0, "belum lengkap"),
        ("a ) b", 2, "tidak dapat dibaca"),
        ("a = = b", 4, "dua tanda pembanding"),
        ("jumlahkan(1)", 0, "fungsi jumlahkan tidak dikenal"),
        ("1 + during(1, [1..2])", 4, "fungsi during belum didukung"),
        ("function(x) external {a: 1}", 12, "fungsi luar"),
        ("9007199254740993", 0, "terlalu besar"),
        ("if a then b", 11, "belum lengkap"),
    ],
)
def test_a_mistake_is_shown_with_its_position(source: str, position: int, words: str) -> None:
    with pytest.raises(FeelSyntaxError, match=words) as caught:
        compile_expression(source)
    assert (caught.value.position, caught.value.expression) == (position, source)


def test_an_expression_is_read_the_same_whatever_the_variables_are_called(feel: FeelEngine) -> None:
    assert value_of(feel, "a-b", {"a": 5, "b": 2, "a-b": 99}) == 3
    assert value_of(feel, "`a-b`", {"a-b": 99}) == 99


@pytest.mark.parametrize(
    ("expression", "variables", "expected"),
    [
        ('duration("PT5M")', {}, Duration(microseconds=300_000_000)),
        ("batas", {"batas": "P3D"}, Duration(days=3)),
        ('date and time("2026-11-23T08:00:00")', {}, datetime(2026, 11, 23, 1, 0, tzinfo=UTC)),
        ('date("2026-11-23")', {}, datetime(2026, 11, 22, 17, 0, tzinfo=UTC)),
        ("jam", {"jam": "2026-11-23T08:00:00Z"}, datetime(2026, 11, 23, 8, 0, tzinfo=UTC)),
        ('now() + duration("PT1H")', {}, datetime(2026, 11, 23, 8, 30, tzinfo=UTC)),
    ],
)
def test_a_timer_gets_a_duration_or_a_moment(
    feel: FeelEngine, expression: str, variables: dict[str, Any], expected: Duration | datetime
) -> None:
    assert feel.evaluate_temporal(expression, variables, now=NOW, zone=ZONE) == expected


@pytest.mark.parametrize("variables", [{}, {"batas": 5}, {"batas": "besok"}, {"batas": True}, {"batas": "2026-02-30"}])
def test_anything_else_for_a_timer_is_shown(feel: FeelEngine, variables: dict[str, Any]) -> None:
    with pytest.raises(FeelError) as caught:
        feel.evaluate_temporal("batas", variables, now=NOW, zone=ZONE)
    found = json.dumps(variables.get("batas"))
    assert f"=batas, ditemukan {found}" in str(caught.value)
    assert ("tidak ada: batas" in str(caught.value)) == (not variables)


def test_an_endless_expression_is_stopped_and_the_engine_goes_on() -> None:
    with FeelEngine(timeout_ms=50) as engine:
        assert value_of(engine, "1 + x", {"x": 1}) == 2
        with pytest.raises(FeelLimitExceeded, match="50 ms"):
            value_of(engine, "count(for i in 1..100000, j in 1..100000 return i * j * x)", {"x": 1})
        assert value_of(engine, "1 + x", {"x": 2}) == 3


def test_a_greedy_expression_is_stopped_and_the_engine_goes_on() -> None:
    with FeelEngine(timeout_ms=10_000, memory_mb=60) as engine:
        with pytest.raises(FeelLimitExceeded, match="60 MB"):
            value_of(engine, 'for i in 1..100000000 return "baris nomor " + string(i + x)', {"x": 1})
        assert value_of(engine, "1 + x", {"x": 2}) == 3


def test_threads_share_one_engine(feel: FeelEngine) -> None:
    wrong: list[tuple[int, Any]] = []

    def work(start: int) -> None:
        for number in range(start, start + 100):
            found = value_of(feel, "n * 2 + length", {"n": number, "length": 1})
            if found != number * 2 + 1:
                wrong.append((number, found))

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 1000, 2000, 3000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_constant_handed_out_is_nobody_elses(feel: FeelEngine) -> None:
    first = value_of(feel, "[1, [2]]")
    first[1].append(99)
    assert value_of(feel, "[1, [2]]") == [1, [2]]


def test_a_closed_engine_starts_anew() -> None:
    engine = FeelEngine(timeout_ms=1000)
    assert value_of(engine, "1 + x", {"x": 1}) == 2
    engine.close()
    assert value_of(engine, "1 + x", {"x": 2}) == 3
    engine.close()


def test_texts_cross_whole(feel: FeelEngine) -> None:
    text = 'petik " garis \\ baris\nbaru \u2028 emoji 🙂 </script> `x`'
    assert value_of(feel, 'x + ""', {"x": text}) == text
    assert value_of(feel, "{nilai: x}.nilai", {"x": {"__proto__": 1, "biasa": text}}) == {"__proto__": 1, "biasa": text}


def test_patterns_are_checked() -> None:
    assert is_pattern("^(?![0-9]{16}$)[A-Za-z0-9./-]+$")
    assert not is_pattern("(tidak ditutup")


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(value=JSON_VALUES.filter(lambda value: value is not None))
def test_json_values_go_through_v8_unchanged(feel: FeelEngine, value: Any) -> None:
    if _too_large(value):
        return
    assert value_of(feel, "[x]", {"x": value}) == [value]


def _too_large(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer() and abs(value) > 2**53
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_too_large(item) for item in items)


ORDERED = st.one_of(
    st.integers(-9, 9).map(lambda number: ("number", str(number))),
    st.text(alphabet="ab7", max_size=2).map(lambda text: ("string", json.dumps(text))),
    st.booleans().map(lambda flag: ("boolean", str(flag).lower())),
    st.sampled_from([("date", 'date("2026-01-02")'), ("date", 'date("2026-01-03")'), ("null", "null")]),
    st.sampled_from([("time", 'time("10:00:00")'), ("days", 'duration("PT5M")'), ("months", 'duration("P1M")')]),
)


@given(left=ORDERED, right=ORDERED, operator=st.sampled_from(["<", "<=", ">", ">="]))
def test_an_order_is_known_exactly_for_values_of_one_ordered_kind(
    feel: FeelEngine, left: tuple[str, str], right: tuple[str, str], operator: str
) -> None:
    found = value_of(feel, f"{left[1]} {operator} {right[1]}")
    ordered = left[0] == right[0] and left[0] not in ("boolean", "null")
    assert isinstance(found, bool) == ordered
    within = value_of(feel, f"{left[1]} in [{right[1]}..{right[1]}]")
    assert isinstance(within, bool) == ordered


def test_a_budget_ends_when_many_slow_expressions_have_used_it_up(feel: FeelEngine) -> None:
    budget = FeelBudget(feel, 0.01)

    def many() -> None:
        for number in range(100):
            budget.evaluate("sum(for i in 1..2000 return i) + x", {"x": number}, now=NOW, zone="Asia/Jakarta")

    with pytest.raises(FeelLimitExceeded, match="habis"):
        many()
    assert FeelBudget(feel, 1).evaluate("1 + x", {"x": 1}, now=NOW, zone="Asia/Jakarta") == 2
