"""What a command works with: the engine opened beside whoever else uses it, and in whose name it acts."""

from __future__ import annotations

import getpass
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from engine import Engine, open_engine
from engine.commands import SYSTEM, Actor, Command, Outcome
from engine.errors import NotPermitted, PrimaError, StoreError
from engine.upkeep import database_exists
from engine.views import Account
from web.commandline.terminal import complain
from web.commandline.words import gettext as _

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
DEFAULT_DATA = Path("data")


@dataclass
class Place:
    """Where the data is: what `--data` and `--database` say, before or after the command's name."""

    data: Path = DEFAULT_DATA
    database: str | None = None

    def exists(self) -> bool:
        """Whether a database is there already."""
        return database_exists(self.database, self.data)

    @contextmanager
    def engine(self, *, create: bool = False, exclusive: bool = False) -> Iterator[Engine]:
        """The engine, closed at the end.  Without `create` a database that is not there is refused, not made."""
        if not create and not self.exists():
            raise StoreError(
                _(
                    "Belum ada data di %(data)s. Mulailah dengan `prima serve`, atau sebutkan direktori lain "
                    "dengan --data.",
                    data=self.database or self.data,
                )
            )
        with open_engine(self.database, data_dir=self.data, exclusive=exclusive) as engine:
            yield engine


def system_account() -> str:
    """The operating system's account that runs this program, which no environment variable can change on POSIX."""
    try:
        import pwd
    except ImportError:  # Windows
        return getpass.getuser()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def acting_as(user: str | None) -> Actor:
    """The name that an act is recorded under: a person's, or the system's when nobody was named."""
    return Actor(user or SYSTEM.account, door="cli", through=system_account())


def viewing_as(engine: Engine, user: str | None) -> Account:
    """Whose eyes a listing is seen with; nobody named means the machine's owner, who may read everything."""
    if user is None:
        return Account(id=SYSTEM.account, display_name=_("Sistem"), roles=("auditor",), groups=())
    return known_account(engine, user)


def known_account(engine: Engine, user: str) -> Account:
    """An active account; raises NotPermitted."""
    found = engine.account(user)
    if found is None:
        raise NotPermitted("Akun %(account)s tidak dikenal.", account=user)
    if not found.active:
        raise NotPermitted("Akun %(account)s sudah dinonaktifkan.", account=user)
    return found


def carry_out(engine: Engine, command: Command) -> Outcome:
    """Hand a command to the engine; with no server running, what it caused is carried out here before returning."""
    if command.actor.account != SYSTEM.account:
        known_account(engine, command.actor.account)
    outcome = engine.handle(command)
    if not engine.database.is_served():
        try:
            engine.run_due()
        except PrimaError as error:  # the command itself is done: what it caused will be made up for
            complain(str(error))
    return outcome


def as_user(*, needed: bool) -> Callable[[Decorated], Decorated]:
    """Adds `--as USER`; where a person is needed, leaving it out is a mistake that says so."""
    return click.option(
        "--as",
        "user",
        metavar="USER",
        callback=_a_person if needed else None,
        help=_("Akun yang melakukan ini.") if needed else _("Akun yang melakukan ini; tanpa ini: sistem."),
    )


def as_json(command: Decorated) -> Decorated:
    """Adds `--json`."""
    return click.option("--json", "json_", is_flag=True, help=_("Cetak sebagai JSON."))(command)


def log_briefly() -> None:
    """What goes wrong on the way is one line on the error output, without a trace."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("%(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def log_fully() -> None:
    """A server's log: time, level and, for what nobody expected, the trace."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True)
    logging.getLogger("spiff").setLevel(logging.WARNING)  # it tells of every node at INFO


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        return record.getMessage() + (f": {error}" if error is not None else "")


def _a_person(_context: click.Context, _option: click.Parameter, user: str | None) -> str:
    if user is None:
        raise click.UsageError(_("Perintah ini dilakukan oleh seseorang: sebutkan akunnya dengan --as USER."))
    return user
