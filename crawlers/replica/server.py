"""The replica as a server: one application, a prefix per source, a thread to run it in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any, Protocol, Self

from aiohttp import web

from crawlers.replica.altered import ALTERATIONS
from crawlers.replica.article import ArticleSite
from crawlers.replica.bing_news_rss import BingNewsRss
from crawlers.replica.bjnews_search import BjnewsSearch
from crawlers.replica.eastmoney_guba import EastmoneyGuba
from crawlers.replica.eastmoney_news import EastmoneyNews
from crawlers.replica.faults import (
    AHEAD,
    FAULT,
    NOW_MET,
    SERVED_AT,
    Fault,
    Kind,
    Panel,
    Robots,
    instead,
    spoil,
)
from crawlers.replica.gdelt_doc import GdeltDoc
from crawlers.replica.gnews_rss import GnewsRss
from crawlers.replica.heimao_groups import HeimaoGroups
from crawlers.replica.heimao_public import HeimaoPublic
from crawlers.replica.nfra_penalty import NfraPenalty
from crawlers.replica.pbc_penalty import PbcPenalty
from crawlers.replica.people_search import PeopleSearch
from crawlers.replica.rednet_baixing import RednetBaixing
from crawlers.replica.rss_feed import RssFeed
from crawlers.replica.shelf import Clock
from crawlers.replica.sina_finance_roll import SinaFinanceRoll
from crawlers.replica.thepaper import Thepaper
from crawlers.replica.validators import Versions
from data.errors import PortTaken
from data.scenarios.format import Planned, Scenario

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_CLOCK = web.AppKey[Clock]("clock")
_VERSIONS = web.AppKey("versions", Versions)
_PANEL = web.AppKey("panel", Panel)
_SHOWN = web.AppKey("shown", dict[tuple[str, Kind | None], "Site"])


class Site(Protocol):
    """One source's protocol."""

    slug: str

    def __init__(self, planned: Iterable[Planned], clock: Clock) -> None: ...

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""

    @staticmethod
    def targets(planned: Iterable[Planned], names: tuple[str, ...], address: str) -> list[str]:
        """Return what to ask the site at ``address`` for, so that every planned item is found."""


SITES: tuple[type[Site], ...] = (
    HeimaoPublic,
    EastmoneyNews,
    NfraPenalty,
    EastmoneyGuba,
    PbcPenalty,
    Thepaper,
    PeopleSearch,
    SinaFinanceRoll,
    GdeltDoc,
    GnewsRss,
    BingNewsRss,
    RssFeed,
    BjnewsSearch,
    RednetBaixing,
    HeimaoGroups,
    ArticleSite,
)


def application(scenario: Scenario, clock: Clock, panel: Panel) -> web.Application:
    """Return the application that serves a scenario's sources under ``/<slug>``."""
    root = web.Application(middlewares=[_dated, _faults])
    root[_PANEL] = panel
    root[_CLOCK], root[_VERSIONS] = clock, Versions()
    root[_SHOWN] = _sites(scenario, clock)
    root.add_routes(
        [
            web.get("/robots.txt", _robots),
            web.get("/control", _show),
            web.put("/control/{source}", _set),
            web.delete("/control", _clear),
        ]
    )
    for site in SITES:
        shown = root[_SHOWN][site.slug, None]
        root.add_routes([_prefixed(route, site.slug) for route in shown.routes()])
    return root


def _sites(scenario: Scenario, clock: Clock) -> dict[tuple[str, Kind | None], Site]:
    """Return each site as planned, and as it is with some items corrected or taken away."""
    made: dict[tuple[str, Kind | None], Site] = {}
    for site in SITES:
        planned = [item for item in scenario.planned if item.mention.source == site.slug]
        made[site.slug, None] = site(planned, clock)
        for kind, alter in ALTERATIONS.items():
            made[site.slug, kind] = site(alter(planned), clock)
    return made


def _prefixed(route: web.RouteDef, slug: str) -> web.RouteDef:
    """Return a route that asks whichever site stands under the slug when a request comes."""
    name = route.handler.__name__

    async def ask(request: web.Request) -> web.StreamResponse:
        met = NOW_MET.get()
        shown = request.app[_SHOWN][slug, met if met in ALTERATIONS else None]
        answer: web.StreamResponse = await getattr(shown, name)(request)
        return answer

    return web.RouteDef(route.method, f"/{slug}{route.path}", ask, route.kwargs)


@web.middleware
async def _dated(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Answer with the Date of the replica's clock."""
    now = request.app[_CLOCK]()
    SERVED_AT.set(now)
    response = await handler(request)
    ahead = AHEAD if NOW_MET.get() is Kind.SKEWED else timedelta(0)
    if not response.prepared:
        response.headers["Date"] = format_datetime(now.astimezone(UTC) + ahead, usegmt=True)
    return response


@web.middleware
async def _faults(request: web.Request, handler: _Handler) -> web.StreamResponse:
    source = request.path.split("/", 2)[1]
    panel = request.app[_PANEL]
    NOW_MET.set(None)
    if source == "control":
        return await handler(request)
    kind = panel.arrive(source, request.path_qs)
    if source == "robots.txt":
        return await handler(request)
    if (answer := instead(kind, request, panel.met.get(source, 0))) is not None:
        return answer
    request[FAULT] = kind
    NOW_MET.set(kind)
    response = await handler(request)
    if not isinstance(response, web.Response):
        return response
    if kind is None or kind in {*ALTERATIONS, Kind.TRUNCATED}:
        response = request.app[_VERSIONS].answer(request, response, request.app[_CLOCK]())
    if response.status == HTTPStatus.NOT_MODIFIED:
        panel.unchanged[source] = panel.unchanged.get(source, 0) + 1
        return response
    return response if kind is None else await spoil(kind, request, response)


async def _robots(request: web.Request) -> web.Response:
    robots = request.app[_PANEL].robots
    return web.Response(
        status=robots.status, text=robots.body, content_type=robots.content_type, charset="utf-8"
    )


async def _show(request: web.Request) -> web.Response:
    panel = request.app[_PANEL]
    faults = {source: fault.kind for source, fault in panel.faults.items()}
    return web.json_response({"requests": panel.requests, "faults": faults})


async def _set(request: web.Request) -> web.Response:
    panel, source, asked = request.app[_PANEL], request.match_info["source"], await request.json()
    if source == "robots":
        panel.robots = Robots(**asked)
    else:
        done = panel.requests.get(source, 0)
        after = done + int(asked.get("after", 0))
        panel.faults[source] = Fault(Kind(asked["kind"]), after, asked.get("lasts"))
    return await _show(request)


async def _clear(request: web.Request) -> web.Response:
    request.app[_PANEL].reset()
    return await _show(request)


class ReplicaServer:
    """The replica in a thread of this process: ``with ReplicaServer(scenario, clock) as site:``.

    ``site.address`` is ``http://127.0.0.1:PORT``; ``site.panel`` has the faults and the counters.
    """

    def __init__(self, scenario: Scenario, clock: Clock, port: int = 0) -> None:
        self.panel = Panel()
        self.address = ""
        self._application = application(scenario, clock, self.panel)
        self._clock = clock
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="replica", daemon=True)
        self._ready: threading.Event = threading.Event()
        self._error: OSError | None = None

    def change(self, scenario: Scenario) -> None:
        """Show another plan from now on: items edited, deleted or added between two crawls."""
        self._application[_SHOWN].update(_sites(scenario, self._clock))

    def __enter__(self) -> Self:
        """Serve; raises PortTaken when the port belongs to another program."""
        self._thread.start()
        self._ready.wait()
        if self._error is not None:
            self._thread.join()
            raise PortTaken(
                f"127.0.0.1:{self._port} is taken ({self._error.strerror}); choose another port"
            ) from self._error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving and close every connection."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        runner = web.AppRunner(self._application, access_log=None, shutdown_timeout=1.0)
        try:
            self.address = self._loop.run_until_complete(_listen(runner, self._port))
        except OSError as error:
            self._error = error
        finally:
            self._ready.set()
        if self._error is None:
            self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()


async def serve(
    scenario: Scenario, clock: Clock, port: int, ready: Callable[[str], Any], panel: Panel
) -> None:
    """Serve until cancelled; call ``ready`` with the address. Raises PortTaken."""
    runner = web.AppRunner(application(scenario, clock, panel), access_log=None)
    try:
        ready(await _listen(runner, port))
        await asyncio.Event().wait()
    except OSError as error:
        raise PortTaken(f"127.0.0.1:{port} is taken ({error.strerror}); choose another") from error
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, port: int) -> str:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    host, real_port = runner.addresses[0][:2]
    return f"http://{host}:{real_port}"
