"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.errors import StoreError
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """${message}."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Databases are not taken back: restore the backup made before the migration."""
    raise StoreError("Tables are not taken back: restore the backup made before the migration.")
