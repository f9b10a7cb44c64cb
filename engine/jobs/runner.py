"""The embedded runner: a thread that sleeps until something is due and is woken by commits, whoever makes them."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.door import Engine

log = logging.getLogger(__name__)

LOOK_EVERY = 0.2  # seconds: how late another process's commit is noticed at most
REST_AFTER_ERROR = 1.0


class Runner:
    """Keeps an engine's due work done while the process serves."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stop = threading.Event()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; what fell due while the server was down fires first."""
        self._thread = threading.Thread(target=self._run, name="prima-runner", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look at once."""
        self._woken.set()

    def stop(self, timeout: float = 10.0) -> None:
        """End after the act in hand; waits for it up to `timeout` seconds."""
        self._stop.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._engine.run_due()
                self._sleep()
            except Exception:  # the office's timers must outlive any one mistake
                log.exception("runner failed", extra={"action": "run_due"})
                self._stop.wait(REST_AFTER_ERROR)

    def _sleep(self) -> None:
        """Until something is due, somebody wakes us, or somebody else has committed."""
        seen = self._engine.database.data_version()
        due = self._engine.next_due()
        while not self._stop.is_set():
            now = self._engine.clock.now()
            left = LOOK_EVERY if due is None else min(LOOK_EVERY, (due - now).total_seconds())
            if left <= 0 or self._woken.wait(left):
                break
            if self._engine.database.data_version() != seen:
                break
        self._woken.clear()
