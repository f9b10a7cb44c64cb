"""Admission of changes to accounts.  Passwords never enter the journal: only that one was set."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.commands import SYSTEM, AddAccount, ChangeAccount, Command, DisableAccount, EnableAccount, SetPassword
from engine.errors import Conflict, InvalidInput, NotPermitted
from engine.events import event
from engine.runtime.rights import is_the_system
from engine.runtime.world import World
from engine.store import queries
from engine.values import JsonObject
from engine.views import Account

ROLES = frozenset({"admin", "process_owner", "staff", "auditor"})
SHORTEST_PASSWORD = 10
_ACCOUNT_ID = re.compile(r"[a-z][a-z0-9_.-]{1,62}")


def add(world: World, command: AddAccount) -> tuple[JsonObject, list[JsonObject]]:
    """A new account."""
    _administrate(world, command)
    if _ACCOUNT_ID.fullmatch(command.account_id) is None:
        raise InvalidInput("Nama akun %(id)s: huruf kecil, angka, titik, garis; diawali huruf.", id=command.account_id)
    if command.account_id == SYSTEM.account:
        raise InvalidInput("Nama akun %(id)s dipakai oleh sistem sendiri.", id=command.account_id)
    if queries.account(world.connection, world.tenant, command.account_id) is not None:
        raise Conflict("Akun %(id)s sudah ada.", id=command.account_id)
    _check_roles(command.roles)
    if command.password is not None and not command.demo:
        check_password(command.password)
    fields = {
        "display_name": command.display_name,
        "roles": sorted(command.roles),
        "groups": sorted(command.groups),
        "team": command.team,
        "superior": command.superior,
    }
    record: JsonObject = {"kind": "AddAccount"}
    return record, [event("account:added", **fields, demo=command.demo or None)]


def change(world: World, command: ChangeAccount) -> tuple[JsonObject, list[JsonObject]]:
    """Other names, roles, groups, team or superior."""
    _administrate(world, command)
    account = world.named_account(command.account_id)
    if command.roles is not None:
        _check_roles(command.roles)
        if "admin" not in command.roles:
            _refuse_without_administrator(world, account)
    fields = {
        "display_name": command.display_name,
        "roles": None if command.roles is None else sorted(command.roles),
        "groups": None if command.groups is None else sorted(command.groups),
        "team": command.team,
        "superior": command.superior,
    }
    return {"kind": "ChangeAccount"}, [event("account:changed", **fields)]


def set_password(world: World, command: SetPassword) -> tuple[JsonObject, list[JsonObject]]:
    """A new password, by an administrator or by the account itself."""
    if command.actor.account != command.account_id:
        _administrate(world, command)
    world.named_account(command.account_id)
    check_password(command.password)
    return {"kind": "SetPassword"}, [event("account:password_set")]


def disable(world: World, command: DisableAccount) -> tuple[JsonObject, list[JsonObject]]:
    """No more log-ins; the last administrator stays."""
    _administrate(world, command)
    account = world.named_account(command.account_id)
    if not account.active:
        raise Conflict("Akun %(id)s sudah dinonaktifkan.", id=account.id)
    _refuse_without_administrator(world, account)
    return {"kind": "DisableAccount"}, [event("account:disabled")]


def enable(world: World, command: EnableAccount) -> tuple[JsonObject, list[JsonObject]]:
    """Log-ins again."""
    _administrate(world, command)
    account = world.named_account(command.account_id)
    if account.active:
        raise Conflict("Akun %(id)s masih aktif.", id=account.id)
    return {"kind": "EnableAccount"}, [event("account:enabled")]


def check_password(password: str) -> None:
    """Raises InvalidInput when a password is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput("Kata sandi paling sedikit %(shortest)s huruf.", shortest=SHORTEST_PASSWORD)


def _refuse_without_administrator(world: World, account: Account) -> None:
    active = [item for item in queries.accounts(world.connection, world.tenant) if item.active and item.has("admin")]
    if [item.id for item in active] == [account.id]:
        raise Conflict("Akun %(id)s administrator terakhir; tidak dapat dinonaktifkan.", id=account.id)


def _check_roles(roles: Iterable[str]) -> None:
    unknown = sorted(set(roles) - ROLES)
    if unknown:
        raise InvalidInput(
            "Peran %(unknown)s tidak dikenal (ada: %(known)s).",
            unknown=", ".join(unknown),
            known=", ".join(sorted(ROLES)),
        )


def _administrate(world: World, command: Command) -> None:
    if is_the_system(command.actor):
        return
    if not world.account(command.actor.account).has("admin"):
        raise NotPermitted("Hanya administrator yang dapat mengubah akun.")
