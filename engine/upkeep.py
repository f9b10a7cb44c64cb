"""What is done to an office's database as a whole: copies, new tables, and an examination of it and its libraries."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from engine.clock import SystemClock, to_text
from engine.definition.feel import BUNDLE, FeelEngine
from engine.door import Engine
from engine.errors import PrimaError, StoreError
from engine.store import backup, queries, session, sqlite
from engine.store.migrations import SchemaState

OVERDUE_AFTER = timedelta(minutes=1)  # a running server fires within a second
FEEL_SAMPLES = {
    "1 + 2 * 3": 7,
    'if tim = "a" then "ya" else "tidak"': "ya",
    'date("2026-11-23") + duration("P3D")': "2026-11-26",
}
LIBRARIES = ("SpiffWorkflow", "mini-racer", "SQLAlchemy", "pysqlite3", "Flask")


class Grade(Enum):
    """How a finding is meant."""

    GOOD = "good"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One line of an examination; `message` is a catalogue id filled by `params`."""

    subject: str
    grade: Grade
    message: str
    params: dict[str, str]


# -- copies and tables ----------------------------------------------------------------------------------------------


def database_exists(url: str | None, data_dir: Path) -> bool:
    """Whether there is something to open: PostgreSQL is taken to be there.  Raises StoreError on a wrong address."""
    file = session.sqlite_file(url, data_dir)
    return file is None or (file.is_file() and file.stat().st_size > 0)


def save_backup(engine: Engine, path: Path) -> Path:
    """A checked copy of the open database at `path`, a new file; raises StoreError."""
    return backup.backup(engine.database, path)


def restore_backup(path: Path, url: str | None, data_dir: Path) -> Path | None:
    """Put a backup in the place of the database; returns where the old one was put aside.  Raises StoreError."""
    file = session.sqlite_file(url, data_dir)
    if file is None:
        raise StoreError("Expected an SQLite database to restore, found PostgreSQL: use pg_restore.")
    if file.parent.resolve() != data_dir.resolve() and url is not None:
        data_dir = file.parent
    return backup.restore(path, data_dir, file.name)


@dataclass(frozen=True)
class Migration:
    """What `migrate_database` did."""

    changed: bool
    saved: Path | None  # the backup made before


def migrate_database(url: str | None, data_dir: Path) -> Migration:
    """Bring the tables up to this build; raises StoreError when others use the database, or it is newer."""
    database = session.open_database(url, data_dir=data_dir, check_schema=False)
    try:
        current = database.schema_state() is SchemaState.CURRENT
        return Migration(not current, session.migrate(database))
    finally:
        database.close()


# -- examination ----------------------------------------------------------------------------------------------------


def examine_libraries() -> Iterator[Finding]:
    """Versions, SQLite's corruption bug, and whether FEEL evaluates."""
    yield _good("Python", "%(version)s, %(system)s", version=platform.python_version(), system=platform.platform())
    for name in LIBRARIES:
        yield _good(name, "%(version)s", version=_version_of(name))
    yield _guarded("SQLite", _sqlite)
    yield _guarded("V8", _v8)
    yield _guarded("feelin", _feelin)
    yield _guarded("FEEL", _feel)


def examine_database(engine: Engine) -> Iterator[Finding]:
    """Whether the database is sound and, if it is, what is overdue in it."""
    found = _integrity(engine)
    yield found
    if found.grade is not Grade.WRONG:
        yield _timers(engine)


def _sqlite() -> Finding:
    module = sqlite.driver()
    return _good(
        "SQLite",
        "%(version)s (%(driver)s), tanpa cacat perusak WAL",
        version=module.sqlite_version,
        driver=module.__name__,
    )


def _v8() -> Finding:
    from py_mini_racer import MiniRacer

    racer = MiniRacer()
    try:
        return _good("V8", "%(version)s", version=str(racer.v8_version))
    finally:
        racer.close()


def _feelin() -> Finding:
    found = _bundled_version("feelin")
    if found is None:
        return Finding("feelin", Grade.NOTE, "versi tidak tercatat di %(folder)s", {"folder": str(BUNDLE.parent)})
    return _good("feelin", "%(version)s", version=found)


def _feel() -> Finding:
    with FeelEngine() as feel:
        for source, value in FEEL_SAMPLES.items():
            found = feel.evaluate(source, {"tim": "a"}, now=SystemClock().now(), zone="Asia/Jakarta")
            if found != value:
                return Finding(
                    "FEEL",
                    Grade.WRONG,
                    "%(source)s memberi %(found)s, seharusnya %(value)s",
                    {"source": source, "found": json.dumps(found), "value": json.dumps(value)},
                )
    return _good("FEEL", "%(count)s ekspresi uji benar", count=str(len(FEEL_SAMPLES)))


def _integrity(engine: Engine) -> Finding:
    database = engine.database
    if not database.is_sqlite:
        return _good("basis data", "PostgreSQL, dapat dibaca")
    where, damage = str(database.url.database), database.damage()
    if damage:
        found = "; ".join(damage)
        return Finding("basis data", Grade.WRONG, "%(file)s rusak: %(found)s", {"file": where, "found": found})
    return _good("basis data", "%(file)s utuh", file=where)


def _timers(engine: Engine) -> Finding:
    late = to_text(engine.clock.now() - OVERDUE_AFTER)
    with engine.database.read() as connection:
        waiting = queries.instances_with_due_timers(connection, engine.tenant, late, 1000)
    if not waiting:
        return _good("pewaktu", "tidak ada yang terlambat dijalankan")
    params = {"count": str(len(waiting)), "first": waiting[0]}
    if engine.database.is_served():
        return Finding(
            "pewaktu",
            Grade.WRONG,
            "%(count)s berkas punya pewaktu yang seharusnya sudah dijalankan peladen, di antaranya %(first)s",
            params,
        )
    return Finding(
        "pewaktu",
        Grade.NOTE,
        "%(count)s berkas punya pewaktu yang lewat waktu; dijalankan begitu peladen hidup",
        params,
    )


def _good(subject: str, message: str, **params: str) -> Finding:
    return Finding(subject, Grade.GOOD, message, params)


def _guarded(subject: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except PrimaError as error:
        return Finding(subject, Grade.WRONG, "%(problem)s", {"problem": str(error)})


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "–"


def _bundled_version(package: str) -> str | None:
    """The version of a package that went into the FEEL bundle, by the notice beside it."""
    try:
        notice = (BUNDLE.parent / "NOTICE.txt").read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(rf"^{re.escape(package)} (\d\S*)$", notice, re.MULTILINE)
    return None if found is None else found[1]
