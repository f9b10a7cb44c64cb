"""The column types that are the same on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, Text
from sqlalchemy.types import TypeDecorator

from engine.values import canonical_bytes, parse_json

# Binary collation, so that ids and times sort as bytes on both databases and not as the server's language does.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
INTEGER = BigInteger().with_variant(Integer(), "sqlite")
BYTES = LargeBinary()


class Json(TypeDecorator[Any]):
    """A JSON value kept as its canonical text (RFC 8785); statements take and give the Python value, null included."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """The plain text column of this database."""
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """The canonical text of a value."""
        return canonical_bytes(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The value of a stored text; SQL's NULL (of an outer join) is None."""
        return None if value is None else parse_json(value)


JSON = Json()
