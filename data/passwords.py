"""Passwords: argon2id with the library's own cost; what is too weak is said in a sentence."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST = 12
"""Characters of a password: length counts more than signs (NIST SP 800-63B)."""
MOST = 256
"""Hashing more would let a stranger keep the machine busy."""
_HASHER = PasswordHasher()


def hashed(password: str) -> str:
    """Return the hash to be kept."""
    return _HASHER.hash(password)


def matches(kept: str, password: str) -> bool:
    """Tell whether it is the password; it takes as long for a wrong one as for the right one."""
    try:
        return len(password) <= MOST and _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def weak(name: str, password: str) -> str:
    """Return what is wrong with a new password as a word (short, long, name), or nothing."""
    if len(password) < LEAST:
        return "short"
    if len(password) > MOST:
        return "long"
    if name.lower() in password.lower() or len(set(password)) < LEAST // 3:
        return "name"
    return ""


def first() -> str:
    """Return a password for the first sign-in, after which another one must be chosen."""
    return secrets.token_urlsafe(12)


NOBODY = hashed(secrets.token_urlsafe(16))
"""Compared with when a name is unknown, so that the answer takes as long."""
