"""FEEL, the OMG's expression language: evaluated by feelin in an embedded V8 isolate, never by Python.

An expression is parsed once and kept on both sides.  Only the variables that it names cross into V8; one that only
moves a value, or that has nothing variable in it, does not cross at all.  Where feelin departs from the standard is
mended in `feel_js/src/departures.mjs`.  The clock and the zone are the command's.
"""

from __future__ import annotations

import copy
import ctypes
import json
import os
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from py_mini_racer import DEFAULT_V8_FLAGS, init_mini_racer

from engine.definition.calendar import Duration, parse_duration, parse_moment
from engine.errors import FeelError, FeelLimitExceeded, FeelSyntaxError, PrimaError
from engine.values import Value, checked

BUNDLE = Path(__file__).parent.parent / "feel_js" / "dist" / "feel.js"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_KEPT = 4000
_PATIENCE_MS = 5000
_ABSENT = object()
_T = TypeVar("_T")

_MISTAKES = {
    "unexpected": "tidak dapat dibaca mulai dari: %s",
    "incomplete": "ekspresi belum lengkap: %s",
    "unknown_function": "fungsi %s tidak dikenal",
    "function_not_built": "fungsi %s belum didukung",
    "external_function": "fungsi luar tidak didukung: %s",
    "two_operators": "dua tanda pembanding berurutan, mulai dari: %s",
    "number_too_large": "bilangan terlalu besar: %s",
}


@dataclass(frozen=True)
class Expression:
    """What is known of an expression before it runs.

    A name inside a filter (`daftar[harga > 10]`) may be a property of the element as well as a variable: such names
    are in `filter_names` only, unless they also stand elsewhere.
    """

    source: str
    names: frozenset[str]  # variables referenced; no built-in functions, local names or iterators
    filter_names: frozenset[str]  # names inside filters: variables or properties of the elements
    paths: frozenset[str]  # the same references with their properties: `pesanan.total`
    functions: frozenset[str]  # built-in functions called
    bare_path: str | None  # the path when the expression is nothing else
    reads_clock: bool

    @property
    def is_bare_path(self) -> bool:
        """Whether it moves a value whole and computes nothing."""
        return self.bare_path is not None

    @property
    def is_constant(self) -> bool:
        """Whether it gives the same value always."""
        return not (self.names or self.filter_names or self.reads_clock)

    @property
    def every_name(self) -> frozenset[str]:
        """All variables that its value may depend on."""
        return self.names | self.filter_names


@dataclass(frozen=True)
class Evaluation:
    """A value, and the variables that were asked for and are not there (null was used)."""

    value: Value
    unknown: frozenset[str] = frozenset()


class FeelEngine:
    """One V8 isolate that evaluates FEEL, one call at a time; made at the first call, so after a fork.

    `bundle` is the script (default: the built one), `timeout_ms` the limit of one evaluation, `memory_mb` of the
    isolate's heap.  What was cut off is tried once more, with four times the time or in a new isolate: neither a busy
    computer nor the leavings of other expressions are a mistake of this one.
    """

    def __init__(self, bundle: str | None = None, *, timeout_ms: int = 50, memory_mb: int = 128) -> None:
        self._bundle = bundle
        self._timeout = timeout_ms / 1000
        self._memory = memory_mb * 1024 * 1024
        self._lock = threading.Lock()
        self._isolate: _Isolate | None = None
        self._pid = 0
        self._constants: _Kept[Evaluation] = _Kept()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def patient(self) -> FeelEngine:
        """Another of the same script that waits long: for executing again what was not cut off the first time."""
        return FeelEngine(self._bundle, timeout_ms=_PATIENCE_MS, memory_mb=self._memory // 1024 // 1024)

    def close(self) -> None:
        """Give the isolate's memory back; the next call makes a new one."""
        with self._lock:
            self._drop()

    def compile(self, source: str) -> Expression:
        """What is known of an expression (without its leading `=`); raises FeelSyntaxError."""
        found = _EXPRESSIONS.get(source)
        return found if found is not None else _EXPRESSIONS.keep(source, self._describe(source))

    def evaluate(self, expression: str, variables: Mapping[str, Value], *, now: datetime, zone: str) -> Value:
        """The JSON value of an expression without its leading `=`; dates, times and durations as ISO 8601 text.

        A variable that is not there is null.  `now` is aware, `zone` an IANA name.  Raises FeelSyntaxError, FeelError
        (also for values that JSON cannot hold exactly) and FeelLimitExceeded.
        """
        return self.evaluate_noting_unknown(expression, variables, now=now, zone=zone).value

    def evaluate_noting_unknown(
        self, expression: str, variables: Mapping[str, Value], *, now: datetime, zone: str
    ) -> Evaluation:
        """As `evaluate`, and which variables were asked for and are not there."""
        compiled = self.compile(expression)
        if compiled.bare_path is not None:
            moved = _follow(compiled.bare_path, variables)
            if moved is not _ABSENT:
                return Evaluation(_storable(moved, compiled.source))
        if not compiled.is_constant:
            return self._run(compiled, variables, now, zone)
        known = self._constants.get(expression)
        if known is None:
            known = self._constants.keep(expression, self._run(compiled, {}, now, zone))
        return Evaluation(copy.deepcopy(known.value)) if isinstance(known.value, list | dict) else known

    def evaluate_temporal(
        self, expression: str, variables: Mapping[str, Value], *, now: datetime, zone: str
    ) -> Duration | datetime:
        """What a timer waits for: a duration, or a moment in UTC; a moment without an offset is on the clock of `zone`.

        Accepts FEEL's durations, dates and date-times, and ISO 8601 text.  Raises FeelError that shows what was found,
        and names the variables that are not there.
        """
        evaluation = self.evaluate_noting_unknown(expression, variables, now=now, zone=zone)
        value = evaluation.value
        if isinstance(value, str):
            try:
                return parse_duration(value) if value.lstrip("-").startswith("P") else parse_moment(value, zone)
            except ValueError:
                pass
        missing = f" (tidak ada: {', '.join(sorted(evaluation.unknown))})" if evaluation.unknown else ""
        raise FeelError(
            f"lamanya waktu atau tanggal dan jam diharapkan dari ={expression}, ditemukan {_shown(value)}{missing}"
        )

    def _describe(self, source: str) -> Expression:
        found = json.loads(self._call("parse", source, source))
        if "rule" in found:
            raise FeelSyntaxError(source, found["position"], _MISTAKES[found["rule"]] % found["found"])
        return Expression(
            source=source,
            names=frozenset(found["names"]),
            filter_names=frozenset(found["filterNames"]) - frozenset(found["names"]),
            paths=frozenset(found["paths"]),
            functions=frozenset(found["functions"]),
            bare_path=found["barePath"],
            reads_clock=found["clock"],
        )

    def _run(self, compiled: Expression, variables: Mapping[str, Value], now: datetime, zone: str) -> Evaluation:
        source = compiled.source
        needed = {name: _storable(variables[name], source) for name in compiled.every_name if name in variables}
        micros = (now - _EPOCH) // _MICROSECOND
        answer = json.loads(self._call("evaluate", json.dumps([source, needed, micros, zone]), source))
        if "e" in answer:
            raise FeelError(f"={source}: {answer['e']}")
        return Evaluation(answer["v"], frozenset(answer.get("u", ())) & compiled.names)

    def _call(self, function: str, argument: str, source: str) -> str:
        code = f"primaFeel.{function}({json.dumps(argument)})"
        passed = ""
        with self._lock:
            for limit in (self._timeout, 4 * self._timeout):
                try:
                    return self._ready().run(code, limit)
                except _OutOfTimeError as error:
                    passed = f"waktu {round(self._timeout * 1000)} ms"
                    if not error.isolate_lives:
                        self._drop()
                except _OutOfMemoryError:
                    passed = f"memori {self._memory // 1024 // 1024} MB"
                    self._drop()
        raise FeelLimitExceeded(f"={source}: melewati batas {passed}")

    def _ready(self) -> _Isolate:
        if self._isolate is None or self._pid != os.getpid():
            self._isolate = _Isolate(self._bundle or shipped_bundle(), self._memory)
            self._pid = os.getpid()
        return self._isolate

    def _drop(self) -> None:
        isolate, self._isolate = self._isolate, None
        if isolate is not None and self._pid == os.getpid():
            isolate.close()


class Evaluator(Protocol):
    """What evaluates FEEL for forms and execution."""

    def evaluate(self, expression: str, variables: Mapping[str, Value], *, now: datetime, zone: str) -> Value:
        """As `FeelEngine.evaluate`."""

    def evaluate_temporal(
        self, expression: str, variables: Mapping[str, Value], *, now: datetime, zone: str
    ) -> Duration | datetime:
        """As `FeelEngine.evaluate_temporal`."""


class FeelBudget:
    """An engine whose evaluations may take `seconds` together: many slow ones keep others waiting like one endless."""

    def __init__(self, engine: FeelEngine, seconds: float) -> None:
        self._engine = engine
        self._left = seconds

    def evaluate(self, expression: str, variables: Mapping[str, Value], *, now: datetime, zone: str) -> Value:
        """As `FeelEngine.evaluate`; raises FeelLimitExceeded when the time is used up."""
        return self._spend(expression, lambda: self._engine.evaluate(expression, variables, now=now, zone=zone))

    def evaluate_temporal(
        self, expression: str, variables: Mapping[str, Value], *, now: datetime, zone: str
    ) -> Duration | datetime:
        """As `FeelEngine.evaluate_temporal`; raises FeelLimitExceeded when the time is used up."""
        return self._spend(
            expression, lambda: self._engine.evaluate_temporal(expression, variables, now=now, zone=zone)
        )

    def _spend(self, expression: str, act: Callable[[], _T]) -> _T:
        if self._left <= 0:
            raise FeelLimitExceeded(f"={expression}: waktu untuk semua ekspresi perintah ini sudah habis")
        begun = perf_counter()
        try:
            return act()
        finally:
            self._left -= perf_counter() - begun


def compile_expression(source: str) -> Expression:
    """What is known of an expression (without its leading `=`), from an isolate that no running instance waits for.

    Raises FeelSyntaxError with the position of the mistake.
    """
    return _describing_engine().compile(source)


def is_pattern(text: str) -> bool:
    """Whether FEEL's matches() understands a regular expression."""
    probe = _describing_engine().evaluate('matches("", pola)', {"pola": text}, now=_EPOCH, zone="UTC")
    return probe is not None


@lru_cache(maxsize=1)
def shipped_bundle() -> str:
    """The script that the build made; raises PrimaError when it is not there."""
    try:
        return BUNDLE.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise PrimaError(f"the FEEL interpreter has not been built: expected {BUNDLE}") from error


@lru_cache(maxsize=1)
def _describing_engine() -> FeelEngine:
    return FeelEngine(timeout_ms=500)


def _storable(value: Value, source: str) -> Value:
    try:
        return checked(value, where=f"={source}")
    except ValueError as error:
        raise FeelError(str(error)) from error


def _shown(value: Value) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:199] + "…"


def _follow(path: str, variables: Mapping[str, Value]) -> Any:
    """The value at a path of exact keys, or _ABSENT when FEEL's own rules have to find it."""
    value: Any = variables
    for key in path.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return _ABSENT
        value = value[key]
    return value


class _Kept(Generic[_T]):
    """A cache of the expressions used last; safe to share among threads."""

    def __init__(self) -> None:
        self._items: OrderedDict[str, _T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> _T | None:
        return self._items.get(key)

    def keep(self, key: str, item: _T) -> _T:
        with self._lock:
            self._items[key] = item
            if len(self._items) > _KEPT:
                self._items.popitem(last=False)
        return item


_EXPRESSIONS: _Kept[Expression] = _Kept()


class _OutOfTimeError(Exception):
    def __init__(self, isolate_lives: bool) -> None:
        self.isolate_lives = isolate_lives
        super().__init__("out of time")


class _OutOfMemoryError(Exception):
    pass


class _Isolate:
    """V8 through the C interface of mini-racer: a text of script in, a text out.

    Its Python interface hands every call through an event loop in a thread of its own, which costs four times as much
    as the evaluation; this is the same call without it.
    """

    _TEXT = 5
    _FIRST_ERROR = 200
    _OUT_OF_MEMORY = 202
    _TERMINATED = 204
    _GRACE = 5.0  # seconds until an isolate that was told to stop is given up

    def __init__(self, script: str, memory: int) -> None:
        # every call is a script of its own: V8 would keep them all for the case that one comes again
        flags = (*DEFAULT_V8_FLAGS, "--no-compilation-cache")
        self._dll = init_mini_racer(flags=flags, ignore_duplicate_init=True)
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        # kept as an attribute: ctypes does not hold on to it, V8's thread calls it
        self._callback = self._dll.mr_init_context.argtypes[0](lambda _, answer: self._answers.put(answer))
        self._context = self._dll.mr_init_context(self._callback)
        self._dll.mr_set_soft_memory_limit(self._context, memory // 2)  # from there on garbage is collected eagerly
        self._dll.mr_set_hard_memory_limit(self._context, memory)
        self.run(script + ";'ready'", 30.0)

    def run(self, code: str, limit: float) -> str:
        """The text that a script gives within `limit` seconds.

        Raises _OutOfTimeError, _OutOfMemoryError, and PrimaError when the script itself is wrong.
        """
        data = code.encode("utf-8")
        handle = self._dll.mr_alloc_string_val(self._context, data, len(data), self._TEXT)
        try:
            task = self._dll.mr_eval(self._context, handle, 0)
            kind, text = self._taken(self._answer(task, limit))
        finally:
            self._dll.mr_free_value(self._context, handle)
        if kind == self._TEXT:
            return text
        if kind == self._TERMINATED:
            if self._dll.mr_hard_memory_limit_reached(self._context):
                raise _OutOfMemoryError
            raise _OutOfTimeError(isolate_lives=True)
        if kind == self._OUT_OF_MEMORY:
            raise _OutOfMemoryError
        raise PrimaError(f"the FEEL interpreter failed: {text}")

    def close(self) -> None:
        self._dll.mr_free_context(self._context)

    def _answer(self, task: int, limit: float) -> Any:
        try:
            return self._answers.get(timeout=limit)
        except queue.Empty:
            self._dll.mr_cancel_task(self._context, task)
        try:
            # it may have been done just then: an answer is an answer
            return self._answers.get(timeout=self._GRACE)
        except queue.Empty:
            raise _OutOfTimeError(isolate_lives=False) from None

    def _taken(self, answer: Any) -> tuple[int, str]:
        try:
            content = answer.contents
            kind = content.type
            has_text = kind == self._TEXT or kind >= self._FIRST_ERROR
            text = ctypes.string_at(content.value.bytes_val, content.len).decode("utf-8") if has_text else ""
            return kind, text
        finally:
            self._dll.mr_free_value(self._context, answer)
