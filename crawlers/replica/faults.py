"""What can go wrong with a source, switched on by a test or by the control address."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import web


class Kind(StrEnum):
    """The faults."""

    BLOCK = "block"  # status 456
    WAF = "waf"  # a firewall's page, with status 200
    LOGIN = "login"  # a sign-in page, with status 200
    AWAY = "away"  # a redirect to a sign-in page on another host
    ERROR = "error"  # status 503
    TRUNCATED = "truncated"  # half of each answer
    EMPTY = "empty"  # lists are empty but count items
    RENAMED = "renamed"  # a key or a class has another name
    GB18030 = "gb18030"  # pages in GB18030 that claim nothing about it


FAULT = web.RequestKey("fault", object)
"""Where a request carries the kind of fault it meets, for the site's handler."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one source that begins after a number of good answers."""

    kind: Kind
    after: int = 0


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
    paths: list[str] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)  # when each request came, in seconds

    def arrive(self, source: str, path: str) -> Kind | None:
        """Count a request and return the fault it meets."""
        done = self.requests.get(source, 0)
        self.requests[source] = done + 1
        self.paths.append(path)
        self.moments.append(time.monotonic())
        fault = self.faults.get(source)
        return fault.kind if fault is not None and done >= fault.after else None

    def reset(self) -> None:
        """Forget the counts and switch every fault off."""
        self.robots = Robots()
        self.faults.clear()
        self.requests.clear()
        self.paths.clear()
        self.moments.clear()


def instead(kind: Kind | None) -> web.Response | None:
    """Return the answer a fault gives instead of the site's own; None when the site answers."""
    if kind is Kind.BLOCK:
        return web.Response(status=456, text="")
    if kind is Kind.AWAY:
        return web.Response(status=302, headers={"Location": "http://localhost:9/signin"})
    if kind is Kind.ERROR:
        return web.Response(status=503, text="busy")
    if kind in _PAGES:
        return web.Response(text=_PAGES[kind], content_type="text/html", charset="utf-8")
    return None


def spoil(kind: Kind | None, response: web.Response) -> web.Response:
    """Return the site's answer as a fault leaves it."""
    body = response.body
    assert isinstance(body, bytes)
    if kind is Kind.TRUNCATED:
        return web.Response(body=body[: len(body) // 2], content_type=response.content_type)
    if kind is Kind.GB18030:
        encoded = body.decode("utf-8").encode("gb18030")
        return web.Response(body=encoded, content_type=response.content_type)
    return response


_PAGES = {
    Kind.WAF: '<!doctype html><html><head></head><body><textarea id="renderData">'
    '{"_waf_bd8ce2ce37":"example"}</textarea><script src="/challenge.js"></script></body></html>',
    Kind.LOGIN: '<!DOCTYPE html><html><head><meta charset="utf-8"><title>用户登录</title></head>'
    '<body><form action="/signin">请登录后继续访问</form></body></html>',
}
