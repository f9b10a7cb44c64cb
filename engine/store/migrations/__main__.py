"""Write a new revision: `python -m engine.store.migrations "what changes"`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import URL

from engine.store import sqlite
from engine.store.migrations import HEAD, configuration, upgrade


def main(message: str) -> None:
    """Compare the revisions' tables with `tables.py` and write what is missing as the next revision."""
    with tempfile.TemporaryDirectory() as directory:
        url = URL.create("sqlite+pysqlite", database=str(Path(directory) / "empty.sqlite"))
        engine = sqlite.writer_engine(url, checkpoints=True)
        config = configuration()
        config.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
        with engine.begin() as connection:
            if HEAD != "0000":
                upgrade(connection)
            config.attributes["connection"] = connection
            command.revision(config, message, autogenerate=True, rev_id=f"{int(HEAD) + 1:04}")
        engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1])
