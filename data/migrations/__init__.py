"""How the tables came to be: Alembic revisions, applied by ``data.store.db.Store.migrate``."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

HERE = Path(__file__).parent


def config(conn: Connection | None = None) -> Config:
    """Return Alembic's configuration; there is no alembic.ini to keep in step."""
    made = Config()
    made.set_main_option("script_location", str(HERE).replace("%", "%%"))
    made.attributes["connection"] = conn
    return made


def upgrade(conn: Connection) -> None:
    """Apply every revision that the database does not have, in the caller's transaction."""
    made = config(conn)
    head = ScriptDirectory.from_config(made).get_current_head()
    if MigrationContext.configure(conn).get_current_revision() != head:
        command.upgrade(made, "head")
