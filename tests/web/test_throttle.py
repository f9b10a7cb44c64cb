"""The counter of failed logins: many at once, and many names and addresses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from web import throttle
from web.throttle import MOST_PER_ACCOUNT, MOST_PER_ACCOUNT_AND_ADDRESS, MOST_PER_ADDRESS, WINDOW, LoginThrottle

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_attempts_count_before_their_outcome_is_known() -> None:
    counted = LoginThrottle()
    assert [counted.attempt("kepala", "198.51.100.1", NOON) for _ in range(MOST_PER_ACCOUNT_AND_ADDRESS)] == [None] * 5
    assert counted.attempt("kepala", "198.51.100.1", NOON) == WINDOW
    assert counted.attempt("kepala", "198.51.100.2", NOON) is None


def test_an_account_is_guarded_against_many_addresses() -> None:
    counted = LoginThrottle()
    tries = [counted.attempt("kepala", f"198.51.100.{number}", NOON) for number in range(MOST_PER_ACCOUNT + 1)]
    assert tries == [None] * MOST_PER_ACCOUNT + [WINDOW]


def test_who_comes_in_is_not_counted() -> None:
    counted = LoginThrottle()
    for number in range(2 * MOST_PER_ADDRESS):
        at = NOON + timedelta(seconds=number)
        assert counted.attempt("kepala", "198.51.100.1", at) is None
        counted.succeeded("kepala", "198.51.100.1", at)


def test_what_is_over_is_forgotten_and_what_is_not_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_MOST_COUNTED", 2)
    counted = LoginThrottle()
    counted.attempt("lama", "198.51.100.1", NOON)
    later = NOON + WINDOW + timedelta(seconds=1)
    counted.attempt("lama", "198.51.100.1", later)
    counted.succeeded("lama", "198.51.100.1", later)  # leaves nothing counted for that address
    for _ in range(MOST_PER_ACCOUNT_AND_ADDRESS):
        assert counted.attempt("kepala", "198.51.100.2", later) is None
    assert counted.attempt("kepala", "198.51.100.2", later) == WINDOW
