"""Deployed definitions, organisations and catalogues: immutable versions, read once and kept by their hash."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.definition.catalogue import Catalogue
from engine.definition.executable import ExecutableDefinition
from engine.definition.organisation import Organisation
from engine.errors import NotFound, StoreError
from engine.store.tables import catalogue_version, definition, organisation_version, resource
from engine.values import canonical_bytes

KEPT = 64


class DefinitionLibrary:
    """Keeps what was read and compiled; safe for many threads.  `load` compiles a definition from its files."""

    def __init__(self, load: Callable[[Mapping[str, bytes]], ExecutableDefinition]) -> None:
        self._load = load
        self._lock = Lock()
        self._definitions: OrderedDict[str, ExecutableDefinition] = OrderedDict()
        self._organisations: dict[str, Organisation] = {}
        self._catalogues: dict[str, Catalogue] = {}

    def forget(self) -> None:
        """Drop everything kept, as a new process would start."""
        with self._lock:
            self._definitions.clear()
            self._organisations.clear()
            self._catalogues.clear()

    def by_hash(self, connection: Connection, tenant: str, hash_: str) -> ExecutableDefinition:
        """The executable definition of a hash; raises NotFound, and StoreError when its files were changed."""
        with self._lock:
            if hash_ in self._definitions:
                self._definitions.move_to_end(hash_)
                return self._definitions[hash_]
        row = connection.execute(_BY_HASH, {"tenant": tenant, "hash": hash_}).first()
        if row is None:
            raise NotFound("Definisi proses %(hash)s tidak ada.", hash=hash_)
        found = self._load(read_files(connection, tenant, row.files))
        if found.hash != hash_:
            raise StoreError(
                f"Definition {hash_}: expected its files as they were deployed, found those of {found.hash}."
            )
        with self._lock:
            self._definitions[hash_] = found
            while len(self._definitions) > KEPT:
                self._definitions.popitem(last=False)
        return found

    def organisation(self, connection: Connection, tenant: str) -> Organisation | None:
        """The organisation in force; None before the first."""
        hash_: str | None = connection.execute(_ORGANISATION_HASH, {"tenant": tenant}).scalar()
        return None if hash_ is None else self.organisation_by_hash(connection, tenant, hash_)

    def organisation_by_hash(self, connection: Connection, tenant: str, hash_: str) -> Organisation:
        """One version of the organisation; raises NotFound, and StoreError when it was changed."""
        found = self._organisations.get(hash_)
        if found is None:
            body = connection.execute(_ORGANISATION, {"tenant": tenant, "hash": hash_}).scalar()
            if body is None:
                raise NotFound("Versi organisasi %(hash)s tidak ada.", hash=hash_)
            found = Organisation.from_json(body)
            if found.hash != hash_:
                raise StoreError(f"Organisation {hash_}: expected it as it was adopted, found {found.hash}.")
            self._organisations[hash_] = found
        return found

    def catalogue(self, connection: Connection, tenant: str) -> Catalogue:
        """The catalogue in force; an empty one before the first."""
        hash_: str | None = connection.execute(_CATALOGUE_HASH, {"tenant": tenant}).scalar()
        if hash_ is None:
            return Catalogue({})
        found = self._catalogues.get(hash_)
        if found is None:
            body = connection.execute(_CATALOGUE, {"tenant": tenant, "hash": hash_}).scalar_one()
            found = self._catalogues[hash_] = Catalogue.from_json(body)
        return found


def keep_files(connection: Connection, tenant: str, files: Mapping[str, bytes]) -> list[list[str]]:
    """Keep files by their content; returns [path, SHA-256] sorted by path."""
    kept = []
    for path, data in sorted(files.items()):
        digest = hashlib.sha256(data).hexdigest()
        connection.execute(_KEEP[connection.dialect.name], {"tenant": tenant, "hash": digest, "bytes": data})
        kept.append([path, digest])
    return kept


def read_files(connection: Connection, tenant: str, files: list[list[str]]) -> dict[str, bytes]:
    """The bytes of kept files by path; raises NotFound when one is gone, StoreError when one was changed."""
    found: dict[str, bytes] = {}
    for path, digest in files:
        data = connection.execute(_READ, {"tenant": tenant, "hash": digest}).scalar()
        if data is None:
            raise NotFound("Berkas %(path)s (%(hash)s) tidak ada.", path=path, hash=digest)
        found[path] = bytes(data)
        if hashlib.sha256(found[path]).hexdigest() != digest:
            raise StoreError(f"Resource {digest} ({path}): expected the bytes that were deployed, found others.")
    return found


def changed_contents(connection: Connection, tenant: str) -> dict[str, str]:
    """A sentence for each definition, organisation and catalogue, by its hash, whose kept content has changed."""
    found: dict[str, str] = {}
    for row in connection.execute(select(definition.c.hash, definition.c.files).where(definition.c.tenant == tenant)):
        try:
            read_files(connection, tenant, row.files)
        except (NotFound, StoreError) as error:
            found[row.hash] = str(error)
    for name, table in (("Organisation", organisation_version), ("Catalogue", catalogue_version)):
        for row in connection.execute(select(table.c.hash, table.c.body).where(table.c.tenant == tenant)):
            digest = hashlib.sha256(canonical_bytes(row.body)).hexdigest()
            if digest != row.hash:
                found[row.hash] = f"{name} {row.hash}: expected it as it was adopted, found {digest}."
    return found


_BY_HASH = select(definition.c.files).where(
    definition.c.tenant == bindparam("tenant"), definition.c.hash == bindparam("hash")
)
_READ = select(resource.c.bytes).where(resource.c.tenant == bindparam("tenant"), resource.c.hash == bindparam("hash"))
_KEEP = {
    "sqlite": sqlite.insert(resource).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(resource).on_conflict_do_nothing(),
}


def _newest_hash(table: Table) -> Select[Any]:
    here = table.c.tenant == bindparam("tenant")
    return select(table.c.hash).where(here).order_by(table.c.seq.desc()).limit(1)


def _body(table: Table) -> Select[Any]:
    return select(table.c.body).where(table.c.tenant == bindparam("tenant"), table.c.hash == bindparam("hash"))


_ORGANISATION_HASH = _newest_hash(organisation_version)
_ORGANISATION = _body(organisation_version)
_CATALOGUE_HASH = _newest_hash(catalogue_version)
_CATALOGUE = _body(catalogue_version)
