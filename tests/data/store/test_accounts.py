"""Accounts: no default, a lock after wrong passwords, sessions that end when they must."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from data import passwords
from data.errors import InputError
from data.store import accounts
from data.store.accounts import FAILURES, LOCK, SESSION
from data.store.db import Store
from data.store.schema import session
from tests.conftest import NOW

HASH = passwords.hashed("a first password")


def test_a_name_is_taken_once_and_has_a_known_role(any_store: Store) -> None:
    with any_store.write() as conn:
        assert accounts.listed(conn) == ()
        accounts.add(conn, "小林", "analyst", HASH, NOW)
        wrong = (("小林", "viewer", "there is such"), ("小周", "root", "no such role"),
                 (" ", "viewer", "needs a name"))  # fmt: skip
        for name, role, said in wrong:
            with pytest.raises(InputError, match=said):
                accounts.add(conn, name, role, HASH, NOW)
        [one] = accounts.listed(conn)
    assert (one.role, one.must_change) == ("analyst", True)


def test_the_token_is_not_in_the_store_and_ends(any_store: Store) -> None:
    with any_store.write() as conn:
        accounts.add(conn, "小林", "analyst", HASH, NOW)
        token = accounts.begin(conn, "小林", NOW)
        assert token not in repr(conn.execute(select(session)).all())
        found = accounts.of_session(conn, token, NOW + SESSION - timedelta(seconds=1))
        assert found is not None
        assert accounts.of_session(conn, token, NOW + SESSION) is None
        assert accounts.of_session(conn, "forged", NOW) is None
        accounts.end(conn, token)
        assert accounts.of_session(conn, token, NOW) is None


@pytest.mark.parametrize("act", ["disable", "reset", "choose"])
def test_sessions_end_with_the_right_to_them(any_store: Store, act: str) -> None:
    with any_store.write() as conn:
        accounts.add(conn, "小林", "analyst", HASH, NOW)
        token = accounts.begin(conn, "小林", NOW)
        if act == "disable":
            accounts.disable(conn, "小林", NOW)
        else:
            getattr(accounts, act)(conn, "小林", HASH, NOW)
        assert accounts.of_session(conn, token, NOW) is None


def test_wrong_passwords_make_a_name_rest(any_store: Store) -> None:
    with any_store.write() as conn:
        accounts.add(conn, "小林", "analyst", HASH, NOW)
        for _ in range(FAILURES):
            accounts.failed(conn, "小林", NOW)
        accounts.failed(conn, "nobody", NOW)
        found = accounts.get(conn, "小林")
    assert found is not None
    assert found.locked(NOW + LOCK - timedelta(seconds=1))
    assert not found.locked(NOW + LOCK)


def test_an_unknown_name_is_a_sentence(any_store: Store) -> None:
    with any_store.write() as conn, pytest.raises(InputError, match="tingfeng user list"):
        accounts.reset(conn, "小周", HASH, NOW)


@pytest.mark.parametrize(
    ("password", "wrong"),
    [("short", "short"), ("x" * 300, "long"), ("xiaolin-2026-11", "name"), ("aaaaaaaaaaaa", "name"),
     ("correct horse battery", "")],
)  # fmt: skip
def test_weak_passwords(password: str, wrong: str) -> None:
    assert passwords.weak("Xiaolin", password) == wrong


def test_a_hash_matches_its_password_only() -> None:
    assert passwords.matches(HASH, "a first password")
    assert not passwords.matches(HASH, "another password")
    assert not passwords.matches("no hash", "x")
    assert HASH.startswith("$argon2id$")
    assert len({passwords.first() for _ in range(20)}) == 20
