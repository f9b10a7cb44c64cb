"""The revisions make the tables, keep what is in them, and are carried out only when that is safe."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, inspect, text
from sqlalchemy.exc import DBAPIError

from engine.errors import StoreError
from engine.store import journal, migrations, sqlite
from engine.store.backup import restore
from engine.store.migrations import HEAD, SchemaState
from engine.store.session import Database, migrate, open_database
from engine.store.tables import metadata
from tests.store.programs import ROOT, program
from tests.store.samples import OFFICE, STREAM, entry

# Alembic's batch mode rewrites the table and so drops its triggers.
LATER_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade():
    with op.batch_alter_table("journal", recreate="always") as table:
        table.add_column(sa.Column("note", sa.Text, nullable=True))
"""


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Act from now on as a later build, which has one revision more."""
    scripts = tmp_path / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, scripts)
    (scripts / "versions" / "v9999_a_note.py").write_text(LATER_REVISION.format(head=HEAD))
    configuration = migrations.configuration()
    configuration.set_main_option("script_location", str(scripts))
    monkeypatch.setattr(migrations, "configuration", lambda: configuration)
    monkeypatch.setattr(migrations, "HEAD", "9999")


class MigrationContract:
    """What the revisions do on every database."""

    def test_the_revisions_make_the_tables_of_this_build(self, database: Database) -> None:
        with database.write() as connection:
            differences = compare_metadata(MigrationContext.configure(connection), metadata)
        assert differences == []
        assert database.schema_state() is SchemaState.CURRENT

    def test_a_migration_keeps_the_journal_and_its_protection(self, database: Database, later: None) -> None:
        with database.write() as connection:
            stored = journal.append(connection, entry(1))
        assert database.schema_state() is SchemaState.BEHIND
        migrate(database)
        assert database.schema_state() is SchemaState.CURRENT
        with database.read() as connection:
            assert "note" in {column["name"] for column in inspect(connection).get_columns("journal")}
            assert list(journal.read(connection, OFFICE, STREAM)) == [stored]
        for statement in ("UPDATE journal SET actor = 'x'", "DELETE FROM journal"):
            with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
                connection.execute(text(statement))

    def test_a_database_of_a_later_build_is_refused(self, database: Database) -> None:
        with database.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(StoreError, match="made by a newer Prima"):
            migrate(database)
        database.close()
        with pytest.raises(StoreError, match="made by a newer Prima"):
            open_database(database.url.render_as_string(hide_password=False))


class TestMigrationOnSqlite(MigrationContract):
    @pytest.fixture
    def database(self, sqlite_database: Database) -> Database:
        return sqlite_database

    def test_the_tables_are_exactly_those_of_this_build(self, database: Database, tmp_path: Path) -> None:
        def tables_of(connection: object) -> dict[str, str]:
            rows = connection.exec_driver_sql(  # type: ignore[attr-defined]
                "SELECT name, sql FROM sqlite_schema "
                "WHERE sql IS NOT NULL AND name != 'alembic_version' AND type != 'trigger'"
            )
            return {name: " ".join(sql.replace('"', "").split()) for name, sql in rows}

        url = URL.create("sqlite+pysqlite", database=str(tmp_path / "direct.sqlite"))
        direct = sqlite.writer_engine(url, checkpoints=True)
        with direct.begin() as connection:
            metadata.create_all(connection)
            expected = tables_of(connection)
        direct.dispose()
        with database.read() as connection:
            assert tables_of(connection) == expected

    def test_the_server_migrates_an_older_database_after_a_backup(
        self, database: Database, later: None, data_dir: Path
    ) -> None:
        with database.write() as connection:
            journal.append(connection, entry(1))
        database.close()
        server = open_database(None, data_dir=data_dir, exclusive=True)
        assert server.schema_state() is SchemaState.CURRENT
        server.close()
        (saved,) = (data_dir / "backups").iterdir()
        restore(saved, data_dir)
        old = open_database(None, data_dir=data_dir, check_schema=False)
        assert old.schema_state() is SchemaState.BEHIND
        with old.read() as connection:
            assert journal.verify_chain(connection, OFFICE).entries == 1
        old.close()

    def test_another_program_leaves_an_older_database_as_it_is(
        self, database: Database, later: None, data_dir: Path
    ) -> None:
        database.close()
        with pytest.raises(StoreError, match=r"made by an older Prima\. Run `prima migrate` first"):
            open_database(None, data_dir=data_dir)
        old = open_database(None, data_dir=data_dir, check_schema=False)
        assert old.schema_state() is SchemaState.BEHIND
        assert migrate(old) is not None
        assert migrate(old) is None
        old.close()
        open_database(None, data_dir=data_dir).close()

    def test_a_failing_migration_changes_nothing(self, database: Database, later: None, tmp_path: Path) -> None:
        revision = tmp_path / "migrations" / "versions" / "v9999_a_note.py"
        revision.write_text(revision.read_text() + "    raise RuntimeError('power cut')\n")
        with database.write() as connection:
            stored = journal.append(connection, entry(1))
        with pytest.raises(RuntimeError, match="power cut"):
            migrate(database)
        assert database.schema_state() is SchemaState.BEHIND
        with database.read() as connection:
            assert list(journal.read(connection, OFFICE, STREAM)) == [stored]
        with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
            connection.execute(text("DELETE FROM journal"))

    def test_nothing_is_migrated_while_another_program_has_the_database(
        self, database: Database, data_dir: Path, monkeypatch: pytest.MonkeyPatch, later: None
    ) -> None:
        database.close()
        monkeypatch.setattr("engine.store.locks.OWN_SCHEMA_SECONDS", 0.1)
        using = 'database = open_database(None, data_dir=data_dir)\nsay("ready")\nwait()\n'
        with program(using, data_dir), pytest.raises(StoreError, match="Other programs are using the database"):
            open_database(None, data_dir=data_dir, exclusive=True)

    def test_a_file_of_another_program_is_refused(self, data_dir: Path) -> None:
        data_dir.mkdir()
        url = URL.create("sqlite+pysqlite", database=str(data_dir / "prima.sqlite"))
        engine = sqlite.writer_engine(url, checkpoints=True)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE resep (nama TEXT)"))
        engine.dispose()
        with pytest.raises(StoreError, match="are not Prima's"):
            open_database(None, data_dir=data_dir, exclusive=True)


class TestMigrationOnPostgresql(MigrationContract):
    @pytest.fixture
    def database(self, postgresql_url: str) -> Iterator[Database]:
        database = open_database(postgresql_url)
        yield database
        database.close()

    @pytest.mark.parametrize("exclusive", [True, False])
    def test_an_empty_database_is_left_to_the_migrate_command(self, empty_postgresql_url: str, exclusive: bool) -> None:
        with pytest.raises(StoreError, match=r"has no tables yet\. Run `prima migrate` first"):
            open_database(empty_postgresql_url, exclusive=exclusive)
        database = open_database(empty_postgresql_url, check_schema=False)
        assert database.schema_state() is SchemaState.EMPTY
        assert migrate(database) is None
        database.close()
        open_database(empty_postgresql_url, exclusive=exclusive).close()

    def test_an_older_database_is_left_to_the_migrate_command(self, postgresql_url: str, later: None) -> None:
        with pytest.raises(StoreError, match=r"made by an older Prima\. Run `prima migrate` first"):
            open_database(postgresql_url, exclusive=True)


def test_the_head_named_is_the_last_revision() -> None:
    assert ScriptDirectory.from_config(migrations.configuration()).get_current_head() == HEAD


def test_a_new_revision_is_written_from_the_difference(tmp_path: Path) -> None:
    copy = tmp_path / "engine"
    shutil.copytree(ROOT / "engine", copy, ignore=shutil.ignore_patterns("node_modules", "dist", "__pycache__"))
    tables = copy / "store" / "tables.py"
    tables.write_text(
        tables.read_text().replace(
            '_text("name"), _text("value"), key', '_text("name"), _text("value"), _optional("note"), key'
        )
    )
    subprocess.run([sys.executable, "-m", "engine.store.migrations", "Notes on settings"], cwd=tmp_path, check=True)
    written = copy / "store" / "migrations" / "versions" / f"v{int(HEAD) + 1:04}_notes_on_settings.py"
    assert f'down_revision = "{HEAD}"' in written.read_text().replace("'", '"')
    assert "add_column(sa.Column('note', TEXT, nullable=True))" in written.read_text()
