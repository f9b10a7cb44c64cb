"""Failed logins are counted, so that passwords cannot be guessed by trying."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
MOST_PER_ACCOUNT = 50  # from anywhere: nobody is locked out by a stranger's few tries
MOST_PER_ACCOUNT_AND_ADDRESS = 5
MOST_PER_ADDRESS = 25  # an office often shares one address
_MOST_COUNTED = 10_000  # names and addresses together


class LoginThrottle:
    """Counts failures per account name, per address and per both within the last quarter of an hour, in memory.

    Names that are no account count like any other, so that a refusal does not tell which accounts exist.
    """

    def __init__(self) -> None:
        self._failures: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)
        self._lock = threading.Lock()

    def attempt(self, account: str, address: str, now: datetime) -> timedelta | None:
        """How long until this account may be tried again from this address; None when it may be now.

        The attempt counts as a failure from then on, so that many at once are no way around the limits.
        """
        with self._lock:
            waits = [self._wait(key, most, now) for key, most in _limits(account, address)]
            found = max((wait for wait in waits if wait is not None), default=None)
            if found is None:
                self._count(account, address, now)
        return found

    def succeeded(self, account: str, address: str, at: datetime) -> None:
        """The attempt of that moment was none; forget the failures of an account whose owner has come in."""
        with self._lock:
            self._failures.pop(("account", account), None)
            self._failures.pop(("account and address", f"{account}\n{address}"), None)
            here = self._failures.get(("address", address), deque())
            if at in here:
                here.remove(at)

    def _count(self, account: str, address: str, now: datetime) -> None:
        if len(self._failures) > _MOST_COUNTED:
            self._forget(now)
        for key, _ in _limits(account, address):
            self._failures[key].append(now)

    def _wait(self, key: tuple[str, str], most: int, now: datetime) -> timedelta | None:
        failures = self._failures.get(key, deque())
        while failures and failures[0] <= now - WINDOW:
            failures.popleft()
        return failures[-most] + WINDOW - now if len(failures) >= most else None

    def _forget(self, now: datetime) -> None:
        for key in [key for key, failures in self._failures.items() if not failures or failures[-1] <= now - WINDOW]:
            del self._failures[key]


def _limits(account: str, address: str) -> list[tuple[tuple[str, str], int]]:
    return [
        (("account and address", f"{account}\n{address}"), MOST_PER_ACCOUNT_AND_ADDRESS),
        (("account", account), MOST_PER_ACCOUNT),
        (("address", address), MOST_PER_ADDRESS),
    ]
