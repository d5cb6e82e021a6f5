"""POST with what can go wrong sorted: surely not there, surely refused, perhaps there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from data.errors import DeliveryError, Permanent, Temporary, Unknown

TIMEOUT = httpx.Timeout(15.0, connect=5.0)
LATER = frozenset({408, 425, 429})
JSON = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Tingfeng"}


def post(name: str, url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    """Post for the channel ``name``. Raises DeliveryError; no message holds the URL or a secret."""
    try:
        return httpx.post(url, content=body, headers=dict(headers), timeout=TIMEOUT)
    except httpx.HTTPError as error:
        raise _broken(name, error) from None
    except httpx.InvalidURL:
        raise Permanent(f"channel {name}: the URL is not valid; correct it") from None


def answer(name: str, url: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Post JSON and return the JSON object that came back behind HTTP 200.

    A 200 without such an object is Unknown: somebody took it, we do not know who.
    """
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    said = post(name, url, body, JSON)
    if not said.is_success:
        raise refused(name, said.status_code, str(said.status_code))
    try:
        found = said.json()
    except ValueError:  # also bytes that are no text
        found = None
    if not isinstance(found, dict):
        raise Unknown(
            f"channel {name}: what answered is no bot (HTTP {said.status_code}, no JSON object); "
            "it may have arrived; check the address and any proxy before it"
        )
    return found


def refused(name: str, status: int, said: str) -> DeliveryError:
    """Return what an HTTP status other than 2xx means."""
    if status in LATER or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Temporary(f"channel {name}: the far end says later: {said}")
    return Permanent(f"channel {name}: the far end refuses: {said}; correct the channel")


def _broken(name: str, error: httpx.HTTPError) -> DeliveryError:
    kind = type(error).__name__
    # The message of the exception may hold the URL, and a URL may hold a token.
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.ProxyError():
            return Temporary(f"channel {name}: the address cannot be reached ({kind})")
        case httpx.UnsupportedProtocol() | httpx.LocalProtocolError():
            return Permanent(f"channel {name}: the URL cannot be used ({kind}); correct it")
        case _:
            return Unknown(f"channel {name}: no complete answer came ({kind}); it may have arrived")
