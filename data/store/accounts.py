"""Accounts of those who sign in at our own door, and their sessions.

A password is kept as an argon2id hash, a session as the hash of its token. After FAILURES wrong
passwords a name rests for LOCK; a disabled or reset account loses its sessions at once.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update

from data.errors import InputError
from data.store.schema import account, session
from data.store.upsert import insert

ROLES = ("viewer", "analyst", "compliance", "admin")
NAME_LIMIT = 64
FAILURES = 5
LOCK = timedelta(minutes=15)
SESSION = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in."""

    name: str
    role: str
    password: str
    must_change: bool
    disabled: bool
    failures: int
    locked_until: datetime | None
    changed_at: datetime

    def locked(self, now: datetime) -> bool:
        """Tell whether the name rests after too many wrong passwords."""
        return self.locked_until is not None and now < self.locked_until


def add(conn: Connection, name: str, role: str, password: str, now: datetime) -> None:
    """Make an account with a hash of a first password. Raises InputError for a taken name."""
    if role not in ROLES:
        raise InputError(f"{role}: there is no such role; known are {', '.join(ROLES)}")
    if not name.strip() or len(name) > NAME_LIMIT:
        raise InputError("an account needs a name of 1 to 64 characters")
    values = {"name": name.strip(), "role": role, "changed_at": now, **_fresh(password)}
    statement = insert(conn, account).values(values).on_conflict_do_nothing()
    if conn.execute(statement.returning(account.c.name)).first() is None:
        raise InputError(f"{name}: there is such an account; `tingfeng user reset` gives it a new "
                         "password")  # fmt: skip


def get(conn: Connection, name: str) -> Account | None:
    """Return one account, or None."""
    row = conn.execute(select(account).where(account.c.name == name)).one_or_none()
    return None if row is None else Account(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public name


def listed(conn: Connection) -> tuple[Account, ...]:
    """Return all accounts by name."""
    rows = conn.execute(select(account).order_by(account.c.name))
    return tuple(Account(**row._mapping) for row in rows)  # noqa: SLF001  # as above


def reset(conn: Connection, name: str, password: str, now: datetime) -> None:
    """Give an account a new first password, and take its sessions. Raises InputError."""
    _change(conn, name, _fresh(password) | {"changed_at": now})
    end_all(conn, name)


def disable(conn: Connection, name: str, now: datetime) -> None:
    """Let nobody sign in under this name any more, at once. Raises InputError."""
    _change(conn, name, {"disabled": True, "changed_at": now})
    end_all(conn, name)


def choose(conn: Connection, name: str, password: str, now: datetime) -> None:
    """Keep the hash of a password that the person chose; other sessions end."""
    _change(conn, name, {"password": password, "must_change": False, "changed_at": now})
    end_all(conn, name)


def failed(conn: Connection, name: str, now: datetime) -> None:
    """Count a wrong password; the FAILURES-th in a row makes the name rest."""
    grown = account.c.failures + 1
    counted = update(account).where(account.c.name == name).values(failures=grown)
    n = conn.execute(counted.returning(account.c.failures)).scalar_one_or_none()
    if n is not None and n >= FAILURES:
        _change(conn, name, {"failures": 0, "locked_until": now + LOCK})


def begin(conn: Connection, name: str, now: datetime) -> str:
    """Begin a session and return its token, which is kept nowhere else."""
    conn.execute(delete(session).where(session.c.ends_at < now))
    _change(conn, name, {"failures": 0, "locked_until": None})
    token = secrets.token_urlsafe(32)
    values = {"token": _digest(token), "name": name, "ends_at": now + SESSION}
    conn.execute(session.insert().values(values))
    return token


def of_session(conn: Connection, token: str, now: datetime) -> Account | None:
    """Return whose session this is, or None where it has ended or the account may not sign in."""
    query = (
        select(account)
        .join(session, session.c.name == account.c.name)
        .where(session.c.token == _digest(token), session.c.ends_at > now, ~account.c.disabled)
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else Account(**row._mapping)  # noqa: SLF001  # as above


def end(conn: Connection, token: str) -> None:
    """End one session."""
    conn.execute(delete(session).where(session.c.token == _digest(token)))


def end_all(conn: Connection, name: str) -> None:
    """End every session of a name."""
    conn.execute(delete(session).where(session.c.name == name))


def _fresh(password: str) -> dict[str, Any]:
    return {"password": password, "must_change": True, "disabled": False, "failures": 0,
            "locked_until": None}  # fmt: skip


def _change(conn: Connection, name: str, values: dict[str, Any]) -> None:
    if conn.execute(update(account).where(account.c.name == name).values(values)).rowcount != 1:
        raise InputError(f"{name}: there is no such account; `tingfeng user list` shows all")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
