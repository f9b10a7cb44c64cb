"""The whole engine plays random processes, and an independent token game is the referee of everything it does.

`PRIMA_RANDOM_RUNS` says how many seeds are played; a seed that fails is played alone by
`pytest "tests/referee/test_engine.py::test_the_engine_plays_as_the_standard_says[17]"`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .generator import Choices, Drawn, Seeded, random_process
from .match import Match
from .office import Ask, copy_office, forgetful, found_office, in_new_processes, open_office

RUNS = int(os.environ.get("PRIMA_RANDOM_RUNS", "50"))
EXAMPLES = max(RUNS // 4, 1)
MOST_ACTIONS = 14
ACTIONS_IN_NEW_PROCESSES = 6

Opening = Callable[[Path], AbstractContextManager[Ask]]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office to be copied."""
    directory = tmp_path_factory.mktemp("office")
    found_office(directory)
    return directory


@pytest.fixture
def office(template: Path) -> Iterator[Path]:
    """An office of one's own."""
    with TemporaryDirectory() as directory:
        yield copy_office(template, Path(directory) / "data")


def play(choices: Choices, office: Path, opening: Opening, most: int) -> list[str]:
    """A match, judged at every request; what is wrong with the record afterwards: it is whole, and re-executes."""
    process = random_process(choices)
    with open_office(office) as looking, opening(office) as ask:
        match = Match(process, choices, ask, looking.database)
        match.play(most)
        return looking.verify().problems + looking.replay(match.instance).problems


@pytest.mark.parametrize("seed", range(RUNS))
def test_the_engine_plays_as_the_standard_says(seed: int, office: Path) -> None:
    assert play(Seeded(seed), office, forgetful, MOST_ACTIONS) == []


@pytest.mark.parametrize("seed", [3, 11])
def test_every_command_may_be_carried_out_by_a_new_process(seed: int, office: Path) -> None:
    assert play(Seeded(seed), office, in_new_processes, ACTIONS_IN_NEW_PROCESSES) == []


@settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_the_engine_plays_what_hypothesis_draws_as_the_standard_says(data: st.DataObject, template: Path) -> None:
    with TemporaryDirectory() as directory:
        office = copy_office(template, Path(directory) / "data")
        assert play(Drawn(data.draw), office, forgetful, MOST_ACTIONS) == []
