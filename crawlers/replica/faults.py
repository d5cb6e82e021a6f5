"""What can go wrong with a source: kinds of faults, plans of them, and what each does to an answer.

A plan is a YAML file, a list of faults: ``{source: heimao_public, kind: block, after: 5}``.
``source`` may be ``"*"``; ``after`` counts good answers first, ``lasts`` the answers it spoils.
"""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from crawlers.pages import decode
from data.errors import InputError


class Kind(StrEnum):
    """The faults."""

    BLOCK = "block"  # status 456
    FORBIDDEN = "forbidden"  # status 403
    BUSY = "busy"  # status 429, with Retry-After
    WAF = "waf"  # a firewall's page, with status 200
    LOGIN = "login"  # a sign-in page, with status 200
    AWAY = "away"  # a redirect to a sign-in page on another host
    LOOP = "loop"  # a redirect to itself, for ever
    ERROR = "error"  # status 503
    STORM = "storm"  # server errors before each answer, which then comes
    RESET = "reset"  # the connection is cut
    TRUNCATED = "truncated"  # half of each answer
    HALF_GZIP = "half_gzip"  # half of each answer's gzip stream
    SLOW = "slow"  # answers come in drops
    HUGE = "huge"  # answers are larger than anybody would read
    HTML = "html"  # a page that says nothing, also where JSON was asked for
    EMPTY = "empty"  # lists are empty but count items
    RENAMED = "renamed"  # a key or a class has another name
    GB18030 = "gb18030"  # pages in GB18030 that claim nothing about it
    CLAIMS = "claims"  # a header that claims GBK, GB18030 or Big5 for UTF-8
    BOM = "bom"  # a byte order mark before the answer
    DOUBLED = "doubled"  # a list's page begins with the end of the page before
    SHUFFLED = "shuffled"  # the lines of a list's page come in any order
    EDITED = "edited"  # one item in three was corrected
    DELETED = "deleted"  # one item in five was taken away
    SKEWED = "skewed"  # the site's clock is a day ahead, in headers and in what it dates now


FAULT = web.RequestKey("fault", object)
"""Where a request carries the kind of fault it meets, for the site's handler."""
NOW_MET: ContextVar[Kind | None] = ContextVar("fault", default=None)
"""The fault that the request being answered meets, for the shelf its lists stand on."""
SERVED_AT: ContextVar[datetime | None] = ContextVar("served_at", default=None)
"""The replica's time of the request being answered."""
AHEAD = timedelta(hours=26)
"""How far a skewed site's clock is ahead."""
HUGE = 9_000_000
"""Bytes; a crawl refuses more than 8 MB."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one source that begins after a number of good answers, and may end."""

    kind: Kind
    after: int = 0
    lasts: int | None = None


@dataclass(frozen=True, slots=True)
class _Planned:
    source: str
    kind: Kind
    after: int = 0
    lasts: int | None = None


_PLAN = TypeAdapter(list[_Planned])


def read_plan(file: Path, sources: Iterable[str]) -> dict[str, Fault]:
    """Read a plan of faults, one a source. Raises InputError (file, entry, field)."""
    known = list(sources)
    try:
        planned = _PLAN.validate_python(yaml.safe_load(file.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{file}: not readable as YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(f"{file}: {place}: {first['msg']}; write a list of faults") from None
    found: dict[str, Fault] = {}
    for one in planned:
        if one.source != "*" and one.source not in known:
            raise InputError(f"{file}: there is no source {one.source!r}; use one of {known}")
        for source in known if one.source == "*" else [one.source]:
            found[source] = Fault(one.kind, one.after, one.lasts)
    return found


@dataclass(slots=True)
class Robots:
    """What /robots.txt answers, for the whole host as the protocol wants it."""

    status: int = 200
    body: str = "User-agent: *\nAllow: /\n"
    content_type: str = "text/plain"


@dataclass(slots=True)
class Panel:
    """The switches and the counters of a replica."""

    robots: Robots = field(default_factory=Robots)
    faults: dict[str, Fault] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    met: dict[str, int] = field(default_factory=dict)  # answers that a fault spoilt
    unchanged: dict[str, int] = field(default_factory=dict)  # answers that were 304
    paths: list[str] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)  # when each request came, in seconds

    def arrive(self, source: str, path: str) -> Kind | None:
        """Count a request and return the fault it meets."""
        done = self.requests.get(source, 0)
        self.requests[source] = done + 1
        self.paths.append(path)
        self.moments.append(time.monotonic())
        fault = self.faults.get(source)
        if fault is None or done < fault.after:
            return None
        if fault.lasts is not None and done >= fault.after + fault.lasts:
            return None
        self.met[source] = self.met.get(source, 0) + 1
        return fault.kind

    def reset(self) -> None:
        """Forget the counts and switch every fault off."""
        self.robots = Robots()
        self.faults.clear()
        self.recount()

    def recount(self) -> None:
        """Forget the counts."""
        for counted in (self.requests, self.met, self.unchanged, self.paths, self.moments):
            counted.clear()


_STATUSES: dict[Kind | None, int] = {
    Kind.BLOCK: 456,
    Kind.FORBIDDEN: 403,
    Kind.BUSY: 429,
    Kind.ERROR: 503,
    Kind.AWAY: 302,
    Kind.LOOP: 302,
    Kind.RESET: 500,  # never arrives
}
_STORM = (500, 502, None, 503, 504, None)  # two retries are enough each time
_CHARSETS = ("gbk", "gb18030", "big5")


def instead(kind: Kind | None, request: web.Request, met: int) -> web.Response | None:
    """Return the answer a fault gives instead of the site's own; None when the site answers.

    ``met`` counts the answers this fault has spoilt, from 1.
    """
    if kind in _PAGES:
        return web.Response(text=_PAGES[kind], content_type="text/html", charset="utf-8")
    if kind is Kind.HUGE:
        return web.Response(body=b" " * HUGE, content_type="text/html")
    if kind is Kind.RESET and request.transport is not None:
        request.transport.close()
    status = _STORM[(met - 1) % len(_STORM)] if kind is Kind.STORM else _STATUSES.get(kind)
    if status is None:
        return None
    headers: dict[Kind | None, dict[str, str]] = {
        Kind.BUSY: {"Retry-After": "3600"},
        Kind.AWAY: {"Location": "http://localhost:9/signin"},
        Kind.LOOP: {"Location": str(request.rel_url)},
    }
    return web.Response(status=status, text="", headers=headers.get(kind))


async def spoil(kind: Kind, request: web.Request, response: web.Response) -> web.StreamResponse:
    """Return the site's answer as a fault leaves it."""
    body = response.body
    assert isinstance(body, bytes)
    kept: dict[str, Any] = {
        "body": body,
        "content_type": response.content_type,
        "status": response.status,
    }
    if kind is Kind.TRUNCATED:
        kept["body"] = body[: len(body) // 2]
        names = ("ETag", "Last-Modified")  # half a page has the validators of the whole
        kept["headers"] = {n: response.headers[n] for n in names if n in response.headers}
    elif kind is Kind.HALF_GZIP:
        packed = gzip.compress(body)
        return web.Response(
            body=packed[: len(packed) // 2],
            headers={"Content-Encoding": "gzip", "Content-Type": response.content_type},
        )
    elif kind is Kind.GB18030:
        kept["body"] = decode(body).encode("gb18030")  # some pages are in it anyway
    elif kind is Kind.CLAIMS:
        kept["charset"] = _CHARSETS[len(body) % len(_CHARSETS)]
    elif kind is Kind.BOM:
        kept["body"] = b"\xef\xbb\xbf" + body
    elif kind is Kind.SKEWED:
        kept["headers"] = {"Last-Modified": "tomorrow"}
    elif kind is Kind.SLOW:
        return await _in_drops(request, response, body)
    else:
        return response
    return web.Response(**kept)


async def _in_drops(
    request: web.Request, response: web.Response, body: bytes
) -> web.StreamResponse:
    slow = web.StreamResponse(status=response.status)
    slow.content_type = response.content_type
    await slow.prepare(request)
    size = max(1, len(body) // 8)
    for start in range(0, len(body), size):
        await slow.write(body[start : start + size])
        await asyncio.sleep(0.01)
    await slow.write_eof()
    return slow


_PAGES = {
    Kind.WAF: '<!doctype html><html><head></head><body><textarea id="renderData">'
    '{"_waf_bd8ce2ce37":"example"}</textarea><script src="/challenge.js"></script></body></html>',
    Kind.LOGIN: '<!DOCTYPE html><html><head><meta charset="utf-8"><title>用户登录</title></head>'
    '<body><form action="/signin">请登录后继续访问</form></body></html>',
    Kind.HTML: '<!DOCTYPE html><html><head><meta charset="utf-8"><title>公告</title></head>'
    "<body><p>系统维护中</p></body></html>",
}
