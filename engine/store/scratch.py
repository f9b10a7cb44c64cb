"""An empty database of this build's schema, for as long as a check takes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.store.session import Database, open_database


@contextmanager
def scratch_database() -> Iterator[Database]:
    """An SQLite database in a directory of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="prima-") as directory:
        database = open_database(None, data_dir=Path(directory))
        try:
            yield database
        finally:
            database.close()
