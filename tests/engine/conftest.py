"""The demo office for every test of the engine."""

from tests.engine.fixtures import (
    either_office,
    furnished_file,
    furnished_postgresql,
    office,
    postgresql_office,
    quick_verify,
)

__all__ = ["either_office", "furnished_file", "furnished_postgresql", "office", "postgresql_office", "quick_verify"]
