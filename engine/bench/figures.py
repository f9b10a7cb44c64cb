"""What is measured, and the figures it gives."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from engine.bench.office import DELEGATION, INSTRUCTION, KEY, NOT_READY, OPENING, BenchOffice, timed
from engine.bench.raw import RawWorkflow
from engine.bootstrap import shipped_folder
from engine.clock import SystemClock
from engine.definition.feel import FeelEngine
from engine.runtime import dispatcher
from engine.store import appliers, journal, sizes, snapshots

TURNS = (0, 10, 100, 1_000, 10_000)
SAMPLE = 60
RAW_RUNS = 20
RAW_TURNS = 3  # of each raw run: its cost grows with every turn
LARGEST_RATIO = 6.0
LARGEST_GROWTH = 1.2
LARGEST_SNAPSHOT = 4 * 1024
LARGEST_JOURNAL = 12 * 1024
LEAST_REEXECUTION = 1_000.0


@dataclass(frozen=True)
class Figure:
    """One row of the table: `target` says what was to be reached, `reached` whether it was (None: no target)."""

    name: str
    value: float
    unit: str
    target: str = ""
    reached: bool | None = None


def measure(turns: Sequence[int], progress: Callable[[str], None]) -> list[Figure]:
    """Every figure, in the order of the table.  Ten thousand turns take minutes; `progress` is told each stage."""
    with tempfile.TemporaryDirectory(prefix="prima-bench-") as directory:
        office = BenchOffice(Path(directory))
        try:
            return list(_figures(office, turns, progress))
        finally:
            office.engine.close()


def _figures(office: BenchOffice, turns: Sequence[int], progress: Callable[[str], None]) -> Iterator[Figure]:
    progress("durable commands")
    calls, durable = _durable(office)
    progress("raw SpiffWorkflow")
    raw_feel, raw = _raw(calls)
    yield Figure("raw SpiffWorkflow step", raw * 1e3, "ms")
    yield Figure("raw SpiffWorkflow step with the same FEEL calls", raw_feel * 1e3, "ms")
    yield Figure("durable CompleteUserTask", durable * 1e3, "ms")
    ratio = durable / raw_feel
    yield Figure("durable / raw with FEEL", ratio, "x", f"<= {LARGEST_RATIO:g}", ratio <= LARGEST_RATIO)
    yield Figure("durable / raw without FEEL", durable / raw, "x")
    progress("parts of a durable command")
    yield from _parts(office)
    yield Figure("start of an instance", _start(office) * 1e3, "ms")
    progress("one instance of eight rows")
    yield from _eight_rows(office)
    office.deploy((Path(__file__).parent / "parallel_loop.bpmn").read_bytes())
    for place, loop in (("top level", TopLoop), ("parallel branch", ParallelLoop)):
        yield from _loops(office, place, loop, turns, progress)
    progress("re-execution")
    yield from _reexecution(office)


def _durable(office: BenchOffice) -> tuple[list[tuple[str, dict[str, Any]]], float]:
    """(FEEL calls of one completion of step 2 and one of step 3, median seconds of a completion)."""
    instance = office.open_loop()
    for number in range(1, 6):
        office.turn(instance, number)
    with _recorded_feel() as calls:
        office.turn(instance, 6)
    taken = [seconds for number in range(7, 7 + SAMPLE) for seconds in office.turn(instance, number)]
    return calls, statistics.median(taken)


@contextmanager
def _recorded_feel() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    calls: list[tuple[str, dict[str, Any]]] = []
    original = FeelEngine.evaluate

    def recording(self: FeelEngine, expression: str, variables: Any, **rest: Any) -> Any:
        calls.append((expression, dict(variables)))
        return original(self, expression, variables, **rest)

    FeelEngine.evaluate = recording  # type: ignore[method-assign]
    try:
        yield calls
    finally:
        FeelEngine.evaluate = original  # type: ignore[method-assign]


def _raw(calls: list[tuple[str, dict[str, Any]]]) -> tuple[float, float]:
    """(median seconds of a raw step with half the FEEL calls of a turn, without them)."""
    bpmn = (shipped_folder(KEY) / "process.bpmn").read_bytes()
    half = len(calls) // 2
    with_feel, without = [], []
    with FeelEngine() as feel:
        clock = SystemClock().now()
        for _ in range(RAW_RUNS):
            workflow = RawWorkflow(bpmn, KEY, "mulai_hari_layanan", feel, clock, "Asia/Jakarta")
            workflow.complete("delegasi", dict(OPENING) | dict(DELEGATION))
            for _turn in range(RAW_TURNS):
                for element, values in (("instruksi", INSTRUCTION), ("kesiapan", {**NOT_READY, "siap": False})):
                    step = timed(partial(workflow.complete, element, dict(values)))
                    asked = calls[:half] if element == "instruksi" else calls[half:]
                    without.append(step)
                    with_feel.append(step + timed(partial(_evaluate, feel, asked, clock)))
    return statistics.median(with_feel), statistics.median(without)


def _evaluate(feel: FeelEngine, calls: list[tuple[str, dict[str, Any]]], now: datetime) -> None:
    for text, seen in calls:
        feel.evaluate(text, seen, now=now, zone="Asia/Jakarta")


def _parts(office: BenchOffice) -> Iterator[Figure]:
    """The median seconds of each part of a durable command, by watching the dispatcher's own calls."""
    watched = {
        "load state": (snapshots, "load"),
        "execute": (dispatcher, "step"),
        "append to the journal": (journal, "append"),
        "apply to rows": (appliers, "apply"),
        "save state": (snapshots, "save"),
    }
    taken: dict[str, list[float]] = {name: [] for name in watched}
    originals = {name: getattr(module, attribute) for name, (module, attribute) in watched.items()}

    def watch(name: str) -> Callable[..., Any]:
        def watching(*arguments: Any, **rest: Any) -> Any:
            result: list[Any] = []
            taken[name].append(timed(lambda: result.append(originals[name](*arguments, **rest))))
            return result[0]

        return watching

    for name, (module, attribute) in watched.items():
        setattr(module, attribute, watch(name))
    try:
        instance = office.open_loop()
        for number in range(1, SAMPLE // 2):
            office.turn(instance, number)
    finally:
        for name, (module, attribute) in watched.items():
            setattr(module, attribute, originals[name])
    for name, seconds in taken.items():
        yield Figure(f"  {name}", statistics.median(seconds) * 1e3, "ms")


def _start(office: BenchOffice) -> float:
    return statistics.median(timed(lambda: office.start(KEY, "mulai_hari_layanan", OPENING)) for _ in range(SAMPLE))


def _eight_rows(office: BenchOffice) -> Iterator[Figure]:
    instance = office.walk_all_rows()
    with office.engine.database.read() as connection:
        stored = sizes.journal_bytes(connection, office.engine.tenant, f"instance:{instance}")
    yield Figure(
        "journal of an eight-row instance",
        stored / 1024,
        "KiB",
        f"<= {LARGEST_JOURNAL // 1024}",
        stored <= LARGEST_JOURNAL,
    )


class TopLoop:
    """The SOP's own loop of steps 2 and 3."""

    def __init__(self, office: BenchOffice) -> None:
        self.office = office
        self.instance = office.open_loop()

    def turn(self, number: int) -> float:
        """Seconds of completing step 3."""
        return self.office.turn(self.instance, number)[1]


class ParallelLoop:
    """A loop inside one branch of an open parallel section."""

    def __init__(self, office: BenchOffice) -> None:
        self.office = office
        self.instance = office.start("bench_parallel_loop", None, {})

    def turn(self, number: int) -> float:
        """Seconds of completing the looping task."""
        return self.office.do(f"{self.instance}:work.{number}", "petugas", {"again": True}, claim=False)


def _loops(
    office: BenchOffice,
    place: str,
    loop: type[TopLoop | ParallelLoop],
    turns: Sequence[int],
    progress: Callable[[str], None],
) -> Iterator[Figure]:
    """The cost of a turn after so many turns, each in turn with a young instance so that drift cancels."""
    old, number = loop(office), 1
    growth: dict[int, float] = {}
    for target in turns:
        while number <= target:
            old.turn(number)
            number += 1
            if number % 500 == 0:
                progress(f"{place}: turn {number}")
        aged, young = [], []
        for _ in range(SAMPLE // 10):
            fresh = loop(office)
            for sample in range(1, 11):
                young.append(fresh.turn(sample))
                aged.append(old.turn(number))
                number += 1
        growth[target] = statistics.median(aged) / statistics.median(young)
        yield Figure(f"{place}: a turn after {target}", statistics.median(aged) * 1e3, "ms")
    last = max(turns)
    yield Figure(
        f"{place}: after {last} / of a young instance",
        growth[last],
        "x",
        f"<= {LARGEST_GROWTH:g}",
        growth[last] <= LARGEST_GROWTH,
    )
    with office.engine.database.read() as connection:
        size = sizes.snapshot_bytes(connection, office.engine.tenant, f"instance:{old.instance}")
    yield Figure(
        f"{place}: snapshot after {last}", size / 1024, "KiB", f"< {LARGEST_SNAPSHOT // 1024}", size < LARGEST_SNAPSHOT
    )


def _reexecution(office: BenchOffice) -> Iterator[Figure]:
    loop = TopLoop(office)
    for number in range(1, SAMPLE * 2):
        loop.turn(number)
    checked: list[int] = []
    seconds = timed(lambda: checked.append(office.engine.replay(loop.instance).checked))
    rate = checked[0] / seconds
    yield Figure("re-execution", rate, "commands/s", f">= {LEAST_REEXECUTION:g}", rate >= LEAST_REEXECUTION)
