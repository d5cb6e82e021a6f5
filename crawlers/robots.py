"""What robots.txt says, as RFC 9309 reads it: unreachable, broken or walled means no."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin

import httpx
from protego import Protego

REFUSING = frozenset({401, 403, 418, 429, 432, 456})
"""Statuses that mean "stop". 456 is Sina's, 418 and 432 are Weibo's."""

HTML = re.compile(rb"^\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html)", re.IGNORECASE)
"""How a page begins that is none of the texts we asked for."""


@dataclass(frozen=True, slots=True)
class Robots:
    """What one robots.txt said about the pages a source would ask for."""

    url: str
    at: str  # ISO time
    status: int  # 0: nobody answered
    sha256: str
    allows: bool
    why: str
    delay: float | None  # seconds between two requests that it asks for

    def as_dict(self) -> dict[str, Any]:
        """Return it as the store keeps it."""
        return asdict(self)


def closed(status: int, body: bytes) -> bool:
    """Tell whether an answer to /robots.txt forbids everything by being what it is."""
    walled = status == HTTPStatus.OK and HTML.match(body) is not None
    return walled or status in REFUSING or status // 100 not in {2, 4}


def ask(pages: Iterable[str], user_agent: str, now: datetime, *, proxies: bool) -> list[Robots]:
    """Fetch the robots.txt of each page's host and say whether our pages are allowed there.

    ``proxies``: go through the machine's proxy, as a crawl of a public site does.
    """
    by_host: dict[str, list[str]] = {}
    for page in pages:
        by_host.setdefault(urljoin(page, "/robots.txt"), []).append(page)
    with httpx.Client(headers={"User-Agent": user_agent}, timeout=30, trust_env=proxies) as client:
        return [_one(client, url, asked, now) for url, asked in by_host.items()]


def _one(client: httpx.Client, url: str, pages: list[str], now: datetime) -> Robots:
    try:
        answer = client.get(url)
    except httpx.HTTPError as error:
        return Robots(
            url, now.isoformat(), 0, "", False, f"not reached: {type(error).__name__}", None
        )
    body, status = answer.content, answer.status_code
    found = (url, now.isoformat(), status, hashlib.sha256(body).hexdigest())
    if closed(status, body):
        return Robots(*found, False, f"status {status}, which means no", None)
    if status >= HTTPStatus.BAD_REQUEST:
        return Robots(*found, True, "there is none", None)
    rules = Protego.parse(body.decode("utf-8", errors="replace"))
    agent = client.headers["User-Agent"]
    forbidden = [page for page in pages if not rules.can_fetch(page, agent)]
    why = f"it forbids {forbidden[0]}" if forbidden else "it allows our pages"
    return Robots(*found, not forbidden, why, rules.crawl_delay(agent))
