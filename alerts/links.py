"""Links that let whoever holds a message take the incident on: signed, for a day, once; pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

ACTS = ("acknowledged", "responded", "stated")
"""What a link may do, in the order in which it is asked for."""
VALID = timedelta(hours=24)
_MAC = 16
"""Bytes of the signature; half of SHA-256 is beyond guessing."""


@dataclass(frozen=True, slots=True)
class Link:
    """What one link does. ``number`` is its own: a link that was used is known by it."""

    incident: int
    act: str
    expires: datetime
    number: str


def link_for(row_key: str, incident: int, act: str, now: datetime) -> Link:
    """Return the link of one message; a repeat of the message has the same number."""
    number = hashlib.sha256(row_key.encode()).hexdigest()[:12]
    return Link(incident, act, now + VALID, number)


def token(link: Link, key: bytes) -> str:
    """Return the link as text that is safe in an address."""
    said = f"{link.incident}.{link.act}.{int(link.expires.timestamp())}.{link.number}".encode()
    return base64.urlsafe_b64encode(_mac(said, key) + said).decode().rstrip("=")


def read(text: str, key: bytes) -> Link | None:
    """Return what a token says if we signed it; the caller looks at ``expires``."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    mac, said = raw[:_MAC], raw[_MAC:]
    if not hmac.compare_digest(mac, _mac(said, key)):
        return None
    incident, act, expires, number = said.decode().split(".")
    return Link(int(incident), act, datetime.fromtimestamp(int(expires), UTC), number)


def _mac(said: bytes, key: bytes) -> bytes:
    return hmac.new(key, b"tingfeng link\n" + said, hashlib.sha256).digest()[:_MAC]
