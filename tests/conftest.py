"""What all tests share: a store on SQLite, and where asked on a real PostgreSQL too."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from data.store.db import Store

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
"""The moment the tests agree on, unless they say otherwise: 14:00 in Shanghai."""

KEY = b"a key for tests only"


def need(missing: str, remedy: str) -> None:
    """Skip a test for want of a program; under TINGFENG_NO_SKIP=1 that is a failure."""
    message = f"{missing} is missing; {remedy}"
    if os.environ.get("TINGFENG_NO_SKIP") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("TINGFENG_")]:
        if name not in {"TINGFENG_NO_SKIP", "TINGFENG_SCREENSHOTS"}:
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite file; each test copies it."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.checkpoint()
    store.dispose()
    return path


@pytest.fixture
def store(tmp_path: Path, _template: Path) -> Iterator[Store]:
    """A migrated, empty store on SQLite."""
    path = tmp_path / "store.db"
    shutil.copy(_template, path)
    opened = Store(f"sqlite:///{path}")
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a real PostgreSQL on a socket of its own; give the URL of its template database."""
    found = shutil.which("initdb") or next(
        iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None
    )
    if found is None:
        need("PostgreSQL", "apt-get install postgresql")
    programs = Path(str(found)).parent
    # not pytest's own folder: the next pytest of this user closes that to the server's user,
    # and a socket's path must be short
    folder = Path(tempfile.mkdtemp(prefix="tingfeng-postgres-"))
    user = "postgres" if os.getuid() == 0 else None  # the server refuses to run as root
    if user:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(*command: object) -> None:
        # the server inherits our standard streams: captured ones would never be closed
        with (folder / "out").open("ab") as out:
            words = [str(word) for word in command]
            subprocess.run(words, user=user, check=True, cwd=folder, stdout=out, stderr=out)

    run(programs / "initdb", "-D", data, "-U", "tingfeng", "-A", "trust", "-E", "UTF8",
        "--locale", "C.UTF-8", "--no-sync")  # fmt: skip
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    control = [programs / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log"]
    run(*control, "start")
    try:
        url = f"postgresql+psycopg://tingfeng@/template?host={folder}"
        _create(url, "template", template="template0")
        opened = Store(url)
        opened.migrate()
        opened.dispose()
        yield url
    finally:
        run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-t", "180", "stop")
        shutil.rmtree(folder)


def _create(url: str, name: str, template: str) -> None:
    admin = create_engine(url.replace("/template?", "/postgres?"), isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    admin.dispose()


@pytest.fixture
def postgres_store(postgres: str, request: pytest.FixtureRequest) -> Iterator[Store]:
    """A migrated, empty store on a real PostgreSQL."""
    name = f"t{abs(hash(request.node.nodeid))}"
    _create(postgres, name, template="template")
    opened = Store(postgres.replace("/template?", f"/{name}?"))
    yield opened
    opened.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_store(request: pytest.FixtureRequest) -> Store:
    """The same test on both engines."""
    wanted = "store" if request.param == "sqlite" else "postgres_store"
    found: Store = request.getfixturevalue(wanted)
    return found
