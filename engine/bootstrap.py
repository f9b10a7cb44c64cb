"""The composition root: settings -> clock, database, job handlers -> Engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.clock import Clock, SystemClock
from engine.definition.executable import ExecutableDefinition, load_definition
from engine.definition.feel import FeelEngine
from engine.door import Engine
from engine.jobs.carrier import Carrier
from engine.jobs.handlers import SHIPPED
from engine.runtime.dispatcher import Dispatcher
from engine.runtime.job_contract import JobHandler
from engine.runtime.world import World
from engine.store.definitions import DefinitionLibrary
from engine.store.session import open_database

TENANT = "kantor"
SHIPPED_PROCESSES = (Path(__file__).parent / "shipped" / "processes", Path(__file__).parent.parent / "processes")


def open_engine(
    database_url: str | None = None,
    *,
    data_dir: Path | None = None,
    clock: Clock | None = None,
    job_handlers: Mapping[str, JobHandler] | None = None,
    exclusive: bool = False,
    tenant: str = TENANT,
) -> Engine:
    """An engine on a database: SQLite in `data_dir` unless a URL says otherwise.

    `exclusive` is for the one process that serves.  Raises StoreError when the database is in use by another server, is
    newer than this build or cannot be used safely.
    """
    database = open_database(database_url, data_dir=data_dir, exclusive=exclusive)
    chosen = clock or SystemClock()
    feel = FeelEngine()
    handlers = dict(SHIPPED if job_handlers is None else job_handlers)

    def reload(files: Mapping[str, bytes]) -> ExecutableDefinition:
        return load_definition(files, feel=feel, job_types=_Anything(), calendars=_Anything())

    def compile_files(world: World, files: Mapping[str, bytes]) -> ExecutableDefinition:
        calendars = frozenset(world.organisation.calendars) if world.organisation else frozenset[str]()
        return load_definition(files, feel=feel, job_types=frozenset(handlers), calendars=calendars)

    library = DefinitionLibrary(reload)
    dispatcher = Dispatcher(database, chosen, feel, library, handlers, compile_files, tenant=tenant)
    carrier = Carrier(database, chosen, library, dispatcher, handlers, tenant=tenant)
    return Engine(database, chosen, feel, library, dispatcher, carrier, tenant=tenant)


def shipped_folder(key: str) -> Path:
    """The folder of a process that Prima brings along; raises FileNotFoundError."""
    for root in SHIPPED_PROCESSES:
        if (root / key).is_dir():
            return root / key
    raise FileNotFoundError(f"there is no shipped process {key}")


def shipped_process(key: str) -> dict[str, bytes]:
    """The files of a process that Prima brings along, by path; raises FileNotFoundError."""
    return read_folder(shipped_folder(key))


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files of a process folder by their path within it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in (".bpmn", ".form"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


class _Anything:
    """Every name is known: what was accepted once is not examined against today's names again."""

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(())

    def __len__(self) -> int:
        return 0
