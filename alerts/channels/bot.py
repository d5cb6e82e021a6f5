"""What the three group bots share: cutting by bytes, and the code behind HTTP 200."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from alerts.channels import without
from data.errors import Busy, DeliveryError, Permanent, Temporary, Unknown

_MORE = "…"


def cut(text: str, limit: int) -> str:
    """Return ``text`` in at most ``limit`` bytes of UTF-8, ended by … between two characters."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    room = max(limit - len(_MORE.encode()), 0)
    return raw[:room].decode("utf-8", "ignore") + _MORE if limit >= len(_MORE.encode()) else ""


def judged(
    name: str,
    code: object,
    words: object,
    secret: str,
    rests: Mapping[int, timedelta],
    later: frozenset[int],
) -> DeliveryError:
    """Return what a bot's code other than 0 means: a rest, later, or never."""
    said = f"{code} {without(secret, str(words))}".strip()
    if not isinstance(code, int):
        return Unknown(f"channel {name}: the answer has no code ({said}); it may have arrived")
    if code in rests:
        rest = rests[code]
        seconds = f"{rest.total_seconds():.0f}"
        return Busy(f"channel {name}: asked too often ({said}); it rests for {seconds} s", rest)
    if code in later:
        return Temporary(f"channel {name}: the bot says later: {said}")
    return Permanent(f"channel {name}: the bot refuses: {said}; correct the channel")
