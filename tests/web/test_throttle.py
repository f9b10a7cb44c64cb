"""The counter of failed logins when many names and addresses have been tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from web import throttle
from web.throttle import MOST_PER_ACCOUNT, WINDOW, LoginThrottle

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_what_is_over_is_forgotten_and_what_is_not_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_MOST_COUNTED", 2)
    counted = LoginThrottle()
    counted.failed("lama", "198.51.100.1", NOON)
    later = NOON + WINDOW + timedelta(seconds=1)
    assert counted.wait("lama", "198.51.100.1", later) is None
    for _ in range(MOST_PER_ACCOUNT):
        counted.failed("kepala", "198.51.100.2", later)
    assert counted.wait("kepala", "198.51.100.3", later) == WINDOW
    assert counted.wait("lama", "198.51.100.1", later) is None
