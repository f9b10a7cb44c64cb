"""What is kept of the office beside the journal: documents by their hash, and password hashes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.definition.catalogue import Catalogue
from engine.definition.organisation import Organisation
from engine.store.tables import account, catalogue_version, organisation_version, setting


def keep_organisation(connection: Connection, tenant: str, organisation: Organisation, at: str, seq: int) -> None:
    """Keep a version of the organisation, the newest from now on."""
    _keep(connection, organisation_version, tenant, organisation.hash, organisation.to_json(), at, seq)


def keep_catalogue(connection: Connection, tenant: str, catalogue: Catalogue, at: str, seq: int) -> None:
    """Keep a version of the catalogue, the newest from now on."""
    _keep(connection, catalogue_version, tenant, catalogue.hash, catalogue.to_json(), at, seq)


def keep_account_password(connection: Connection, tenant: str, account_id: str, hash_: str) -> None:
    """Keep the hash of an account's password."""
    here = (account.c.tenant == tenant, account.c.id == account_id)
    connection.execute(update(account).where(*here).values(password_hash=hash_))


def password_hash(connection: Connection, tenant: str, account_id: str) -> str | None:
    """The hash of an active account's password; None when there is none."""
    statement = select(account.c.password_hash).where(
        account.c.tenant == tenant, account.c.id == account_id, account.c.state == "ACTIVE"
    )
    return connection.execute(statement).scalar()


def read_setting(connection: Connection, tenant: str, name: str) -> str | None:
    """A setting of the office, outside the journal (a key, say)."""
    return connection.execute(
        select(setting.c.value).where(setting.c.tenant == tenant, setting.c.name == name)
    ).scalar()


def keep_setting(connection: Connection, tenant: str, name: str, value: str) -> None:
    """Set a setting of the office."""
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[connection.dialect.name]
    statement = insert(setting).values(tenant=tenant, name=name, value=value)
    keys = [setting.c.tenant, setting.c.name]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={"value": value}))


def _keep(connection: Connection, table: Table, tenant: str, hash_: str, body: object, at: str, seq: int) -> None:
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[connection.dialect.name]
    statement = insert(table).values(tenant=tenant, hash=hash_, body=body, effective_at=at, seq=seq)
    keys = [table.c.tenant, table.c.hash]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={"effective_at": at, "seq": seq}))
