"""Who may use a data directory, and whose turn it is to write.

Two lock files stand in the data directory.  `serve.lock` is held by the one server.  `schema.lock` is shared by every
program that has the database open and held alone while its tables change.  The operating system lets go of both when
a program dies.  portalocker is used because it locks on POSIX and Windows alike, in shared mode too (filelock cannot).
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO

import portalocker
from portalocker import LockFlags

from engine.errors import StoreError

SERVE_LOCK = "serve.lock"
SERVE_PID = "serve.pid"
SCHEMA_LOCK = "schema.lock"
POLL_SECONDS = 0.05
HOLD_SERVE_SECONDS = 0.5  # `is_served` holds the lock for a moment
SHARE_SCHEMA_SECONDS = 10.0
OWN_SCHEMA_SECONDS = 5.0


class FileLock:
    """One lock file, held by this object shared or alone until `release`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self, *, shared: bool, timeout: float = 0.0) -> bool:
        """Whether the lock was had within `timeout` seconds; a lock already held is first let go."""
        self.release()
        file = self._path.open("a")
        flags = (LockFlags.SHARED if shared else LockFlags.EXCLUSIVE) | LockFlags.NON_BLOCKING
        deadline = time.monotonic() + timeout
        while True:
            try:
                portalocker.lock(file, flags)
            except portalocker.AlreadyLocked:
                if time.monotonic() >= deadline:
                    file.close()
                    return False
                time.sleep(POLL_SECONDS)
            else:
                self._file = file
                return True

    def release(self) -> None:
        """Let go; quiet if nothing is held."""
        if self._file is not None:
            self._file.close()
            self._file = None


class DirectoryLocks:
    """The locks of one data directory as one program holds them."""

    def __init__(self, data_dir: Path) -> None:
        try:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"Cannot make the data directory {data_dir}: {error.strerror or error}.") from error
        self._data_dir = data_dir
        self._serve = FileLock(data_dir / SERVE_LOCK)
        self._schema = FileLock(data_dir / SCHEMA_LOCK)

    def hold_serve(self) -> None:
        """Become the one server of the directory.  Raises StoreError naming the other one's process id."""
        if not self._serve.acquire(shared=False, timeout=HOLD_SERVE_SECONDS):
            raise StoreError(
                f"Another server (process {self._serving_pid()}) is using {self._data_dir}. "
                "Stop it first, or name another directory with --data."
            )
        (self._data_dir / SERVE_PID).write_text(str(os.getpid()), encoding="ascii")

    def is_served(self) -> bool:
        """Whether some other program is the server now."""
        probe = FileLock(self._data_dir / SERVE_LOCK)
        if not probe.acquire(shared=True):
            return True
        probe.release()
        return False

    def share_schema(self) -> None:
        """Use the database.  Raises StoreError if its tables are still being changed after ten seconds."""
        if not self._schema.acquire(shared=True, timeout=SHARE_SCHEMA_SECONDS):
            raise StoreError(
                f"The database in {self._data_dir} is being migrated or restored by another program. "
                "Try again when it has finished."
            )

    def own_schema(self) -> None:
        """Be alone with the database.  Raises StoreError if others still use it after five seconds."""
        if not self._schema.acquire(shared=False, timeout=OWN_SCHEMA_SECONDS):
            raise StoreError(
                f"Other programs are using the database in {self._data_dir}. Wait for them to end, or stop them first."
            )

    def release(self) -> None:
        """Let go of everything."""
        self._schema.release()
        self._serve.release()

    def _serving_pid(self) -> str:
        try:
            return (self._data_dir / SERVE_PID).read_text(encoding="ascii") or "unknown"
        except OSError:
            return "unknown"


class FairLock:
    """A lock that threads get in the order in which they asked for it.

    SQLite's own waiting is a lottery (seconds for the unlucky); threads of one process queue here instead.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._held = False
        self._owner: int | None = None

    def __enter__(self) -> None:
        if self._owner == threading.get_ident():
            raise RuntimeError("this thread already has a write transaction open; pass its connection on")
        with self._guard:
            if not self._held:
                self._held = True
                self._owner = threading.get_ident()
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        self._wait_for(turn)
        self._owner = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._owner = None
        self._hand_over()

    def _wait_for(self, turn: threading.Lock) -> None:
        try:
            self._wait(turn)
        except BaseException:
            with self._guard:
                still_waiting = turn in self._waiting
                if still_waiting:
                    self._waiting.remove(turn)
            if not still_waiting:
                self._hand_over()
            raise

    def _wait(self, turn: threading.Lock) -> None:
        turn.acquire()

    def _hand_over(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False
