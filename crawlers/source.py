"""The base of every spider: the approval gate, the watermark, the known-id stop, the pace.

A spider says where to start (``begin``) and how a page is read (``parse_*``). The parse methods
take a response and yield Mentions and Requests; they never ask the network or the clock of the
machine, so a test can replay them on a saved page.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar, Protocol

import scrapy
from scrapy.http import Request, Response

from crawlers import canary
from crawlers.absence import Absence
from crawlers.addresses import hosts, is_address
from crawlers.items import capture
from crawlers.observing import Observer
from crawlers.revisits import Revisits
from data.errors import LayoutChanged
from data.evidence import Page
from data.facts.sources import SourceFact
from data.model import GONE, Capture, Gone, Mention

DEEP = 10_000
"""List pages per target that a back-fill may turn over; the registry's cap is for every day."""


PATIENCE = 20
"""Good runs that try an unreadable page again before it is let go."""
MISSING = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
"""What a server says of a page that is not there (any more)."""


class Tally(Protocol):
    """What saving a batch tells."""

    @property
    def new(self) -> int:
        """Mentions not seen before."""

    @property
    def changed(self) -> int:
        """Mentions whose words or status differ from what is stored."""

    @property
    def same(self) -> int:
        """Mentions stored already."""


@dataclass(frozen=True, slots=True)
class Job:
    """All that one crawl needs from the world; a test makes one by hand."""

    fact: SourceFact
    base_url: str
    targets: tuple[str, ...]
    watermark: Mapping[str, Any]
    clock: Callable[[], datetime]
    known: Callable[[Sequence[str]], Mapping[str, str]]
    save: Callable[[Sequence[Mention]], Tally]
    keep: Callable[[Page], Capture | None] = lambda _page: None
    lose: Callable[[Sequence[Gone]], int] = lambda _items: 0
    held: Callable[[str], tuple[Page, Capture] | None] = lambda _url: None
    oldest: Callable[[], Mention | None] = lambda: None
    find: Callable[[str], Mention | None] = lambda _native_id: None
    stored: Callable[[datetime, datetime], Sequence[Mention]] = lambda _since, _until: ()
    tell: Callable[[int, int], None] = lambda _done, _expected: None
    refusal: str = ""
    signing_key: str = ""
    window: tuple[datetime, datetime] | None = None  # a back-fill: from, until


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list page: enough to decide whether to read on."""

    native_id: str
    published_at: datetime | None
    status: str = ""
    off_topic: bool = False  # tells how old the page is, but is not read


class SourceSpider(scrapy.Spider):
    """A public place, read politely and only as far back as needed."""

    headers: ClassVar[Mapping[str, str]] = {}
    list_is_all: ClassVar[bool] = False
    """The list holds all there is: known lines are read again within the overlap, for edits."""
    absence_tells: ClassVar[bool] = False
    """The list, newest first, shows all of its time: what it shows no longer is gone."""
    ages: ClassVar[Sequence[timedelta]] = ()
    """Ages at which an item's own page is read again, for edits, replies and withdrawals."""

    def __init__(self, job: Job, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job = job
        self.allowed_domains = hosts(job.base_url, *job.targets)  # also after a redirect
        self.seen: set[str] = set()
        self.newest: dict[str, datetime] = {}
        self.found = 0
        self.observer = Observer()
        self.absence = Absence(job.watermark.get("listed", {}))
        self.canary = canary.Canary(job.watermark, job.clock())
        self.revisits = Revisits(job.watermark, job.clock())
        self._left: dict[str, int] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Yield the first requests, or none at all without an approval."""
        if self.job.refusal:
            self.note("verdict/refusal", self.job.refusal)
            return
        for request in (*self.visits(), *self.again(), *self.begin()):
            yield request

    def visits(self) -> Iterator[Request]:
        """Yield the requests for stored items that came to one of their ages."""
        if self.job.window is not None:
            return
        for mention in self.revisits.due(self.job.stored, self.ages, self.visited_at):
            if mention.native_id not in self.seen:
                self.seen.add(mention.native_id)
                self.found += 1
                self.count("pages/revisits")
                yield from self.revisit(replace(mention, author=""))  # stored: a pseudonym

    def visited_at(self, mention: Mention, age: timedelta) -> bool:  # noqa: ARG002 - for those who choose
        """Tell whether a stored mention is to be read again at an age."""
        return True

    def revisit(self, mention: Mention) -> Iterator[Request]:
        """Yield what reads the page of a stored mention again, for sources that have ``ages``."""
        raise NotImplementedError

    def again(self) -> Iterator[Request]:
        """Yield the request for the canary, if it is to be read now."""
        stored = self.canary.due(self.job.oldest, self.job.find) if not self.job.window else None
        for request in self.reread(stored) if stored is not None else ():
            told = {"stored": stored, "read": request.callback, "given": request.cb_kwargs}
            yield request.replace(callback=self.parse_again, cb_kwargs=told)

    def reread(self, mention: Mention) -> Iterator[Request]:
        """Yield the request that shows a stored mention once more; nothing where there is none."""
        if self.ages:
            yield from self.revisit(mention)

    def parse_again(
        self, response: Response, stored: Mention, read: Callable[..., Any], given: dict[str, Any]
    ) -> None:
        """Compare the canary with what is stored of it; nothing of it is stored again."""
        names = canary.ALL if self.ages else canary.TOLD_BY_SEARCH
        try:
            self.canary.compare(stored, read(response, **given), names, must=bool(self.ages))
        except LayoutChanged as error:
            self.canary.said(stored, str(error))

    def begin(self) -> Iterator[Request]:
        """Yield the first requests of each target."""
        raise NotImplementedError

    # -------------------------------------------------------------------------- asking
    def ask(self, path: str, callback: Callable[..., Any], **options: Any) -> Request:
        """Return a request for a path, or for a whole address that the settings name.

        ``meta`` tells what a genuine answer holds.
        """
        headers = {**self.headers, **options.pop("headers", {})}
        meta = {"handle_httpstatus_list": list(MISSING), **options.pop("meta", {})}
        return Request(
            path if is_address(path) else self.job.base_url + path,
            callback=callback,
            errback=self.lost,
            headers=headers,
            meta=meta,
            **options,
        )

    def lost(self, failure: Any) -> None:
        """Count an answer that never came: a run that lost one has not read all there is."""
        self.count("pages/lost")
        self.note("pages/lost_why", f"{failure.type.__name__}: {failure.value}")

    def public(self, path: str) -> str:
        """Return the address under which people find a page, wherever we read it."""
        return self.job.fact.base_url + path

    def page(self, response: Response) -> Capture:
        """Return the capture of a page received now."""
        return capture(response, self.name, self.job.clock())

    def at(self, response: Response) -> datetime:
        """Return when a page was received: "yesterday" is the day before that."""
        return self.page(response).fetched_at

    # -------------------------------------------------------------------------- judging
    def recognised(self, response: Response, kind: str = "list") -> None:
        """Count a page that is what we know how to read."""
        detail = bool(response.meta.get("detail"))
        self.count("pages/read" if detail else f"pages/{kind}")
        self.observer.page("detail" if detail else kind, response.body)

    def here(self, response: Response) -> None:
        """Refuse a list page that is not there. Raises LayoutChanged."""
        if response.status in MISSING:
            raise LayoutChanged(f"there is no such page ({response.status})")

    def gone(self, native_id: str, response: Response, **more: Any) -> Iterator[Gone]:
        """Say that an item is shown no longer; of one that is not stored this says nothing."""
        self.count("pages/gone")
        yield Gone(self.name, native_id, self.page(response), **more)

    def count(self, name: str, by: int = 1) -> None:
        """Add to a statistic of the run; a replayed spider has none."""
        if self._stats is not None:
            self._stats.inc_value(name, by)

    def note(self, name: str, value: str) -> None:
        """Set a statistic of the run."""
        if self._stats is not None:
            self._stats.set_value(name, value)

    @property
    def _stats(self) -> Any:
        crawler = getattr(self, "crawler", None)
        return crawler.stats if crawler is not None else None

    # -------------------------------------------------------------------------- how far
    def floor(self, scope: str) -> datetime | None:
        """Return the time behind which a scope was read before; None on its first reading."""
        mark = self.job.watermark.get("newest", {}).get(scope)
        return datetime.fromisoformat(mark) - self.job.fact.overlap if mark else None

    def sift(
        self, scope: str, listed: Sequence[Listed], *, by_time: bool = False
    ) -> tuple[list[Listed], bool]:
        """Return the lines to read, each id once a run, and whether to ask for the next page.

        Reading goes on until a whole page is known, unchanged and older than the watermark less
        the overlap; in a list that is ``by_time``, newest first, until the last line of a page
        without anything new is. Lists shift while they are paged, so an id may come twice.
        """
        self.observer.lines(len(listed))
        if self.job.window is not None:
            return self._sift_window(self.job.window, listed)
        floor = self.floor(scope)
        known = self.known([line.native_id for line in listed])
        wanted = []
        for line in listed:
            if line.native_id in self.seen or line.off_topic or not self._worth(line, known, floor):
                continue
            self.seen.add(line.native_id)
            wanted.append(line)
        self.found += len(wanted)
        times = [line.published_at for line in listed if line.published_at is not None]
        if times:  # a date in the future must not push the watermark there
            newest = min(max(times), self.job.clock())
            self.newest[scope] = max(newest, self.newest.get(scope, newest))
        # by time, nothing behind the last line is younger, and what is known is read for edits only
        bound = min if by_time else max
        news = any(line.native_id not in known for line in wanted) if by_time else bool(wanted)
        go_on = floor is None or news or (bool(times) and bound(times) >= floor)
        return wanted, bool(listed) and go_on

    def _sift_window(
        self, window: tuple[datetime, datetime], listed: Sequence[Listed]
    ) -> tuple[list[Listed], bool]:
        """Return the unknown lines of the window; page on while anything is as young as it."""
        since, until = window
        known = self.known([line.native_id for line in listed])
        dated = [(line, line.published_at) for line in listed if line.published_at is not None]
        wanted = [
            line
            for line, at in dated
            if since <= at < until and not (line.off_topic or line.native_id in self.seen)
            if line.native_id not in known
        ]
        self.seen.update(line.native_id for line in wanted)
        self.found += len(wanted)
        return wanted, any(at >= since for _, at in dated)

    def outlook(self, scope: str, left: int) -> None:
        """Say how many lines the pages of a scope still hold; only a first reading reads all."""
        first = self.floor(scope) is None and self.job.window is None
        self._left[scope] = max(0, left) if first else 0

    @property
    def expected(self) -> int:
        """How many mentions this run will come to, as far as one can tell now."""
        return self.found + sum(self._left.values())

    def compare(
        self, scope: str, listed: Sequence[Listed], response: Response, *, last: bool, end: bool
    ) -> Iterator[Gone]:
        """Compare a page of a list with what the list showed before; yield what is gone.

        Args:
            scope: The list.
            listed: The lines of the page.
            response: The page.
            last: No further page will be asked for.
            end: The list has none.
        """
        if not self.absence_tells or self.job.window is not None:
            return
        ours = [line for line in listed if not line.off_topic]
        shown = {line.native_id: line.published_at for line in ours if line.published_at}
        times = [line.published_at for line in listed if line.published_at is not None]
        page = self.page(response)
        self.absence.page(scope, shown, min(times, default=None), page)
        if last:
            for native_id, where in self.absence.end(scope, self.floor(scope), exhausted=end):
                self.count("pages/gone")
                yield Gone(self.name, native_id, where)

    def _worth(self, line: Listed, known: Mapping[str, str], floor: datetime | None) -> bool:
        if line.native_id not in known or known[line.native_id] == GONE:
            return True
        if self.list_is_all and floor is not None and line.published_at is not None:
            return line.published_at >= floor
        return bool(line.status) and line.status != known[line.native_id]

    def known(self, native_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the status of those ids that need no reading, unless it changed."""
        return self.job.known(native_ids)

    def within_pages(self, page: int) -> bool:
        """Tell whether another list page may follow; a crawl that hits the cap says so."""
        if page < (DEEP if self.job.window else self.job.fact.pages):
            return True
        self.count("pages/cap_reached")
        return False

    def notes(self) -> dict[str, Any]:
        """Return what this run saw, for those who judge whether it is as usual."""
        notes = self.observer.notes(max(self.newest.values(), default=None))
        return notes | {"canary": self.canary.differs}

    def watermark(self) -> dict[str, Any]:
        """Return how far this run came; it counts only if the run ended well.

        A run that ended well but could not read some page stays where it was: the next ones try
        that page again, up to PATIENCE times.
        """
        tries = self.job.watermark.get("tries", 0) + 1
        if self._stats is not None and self._stats.get_value("pages/unread") and tries <= PATIENCE:
            return {**self.job.watermark, "tries": tries}
        old = dict(self.job.watermark.get("newest", {}))
        new = {scope: moment.isoformat() for scope, moment in self.newest.items()}
        kept = {scope: max(new.get(scope, ""), old.get(scope, "")) for scope in old | new}
        return {
            **self.job.watermark, "newest": kept, "tries": 0,
            "read_until": self.job.clock().isoformat(),
            **self.revisits.mark(), **self.canary.mark(), **self._listed(),
        }  # fmt: skip

    def _listed(self) -> dict[str, Any]:
        if not self.absence_tells:
            return {}
        floors = {scope: at - self.job.fact.overlap for scope, at in self.newest.items()}
        return {"listed": self.absence.memory(floors)}
