"""The wider sources against the replica: first run the truth, second nothing, k more are k."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from crawlers import jobs, stage
from crawlers.addresses import page_id
from crawlers.replica.plan import source_settings
from crawlers.replica.server import ReplicaServer
from data.model import Mention, Outcome, Run
from data.scenarios.format import Planned
from data.settings import Settings
from data.store import mentions, runs, schema
from data.store.db import Store
from tests.crawlers import wider
from tests.crawlers.weeks import LENDERS, NOW, scenario

pytestmark = pytest.mark.xdist_group("wider")  # its crawls are made once, by one worker

N = 46
LATE = 5
"""So many of each source appear only after the first two runs."""
DAY = timedelta(days=1)
UNDATED = ("bjnews_search", "article")


@dataclass
class Told:
    """What one round of crawls left."""

    stored: Mapping[tuple[str, str], Mention]
    runs: Mapping[str, Run]


@dataclass
class Rounds:
    """Three rounds: before the late items, again, and after them."""

    planned: list[Planned]
    address: str = ""
    early: datetime = NOW
    told: list[Told] = field(default_factory=list)

    def expected(self, source: str, until: datetime) -> dict[str, Mention]:
        """Return what should be stored of a source by then, by native id."""
        shown = [p for p in self.planned if p.mention.source == source and p.visible_at <= until]
        return {where(p.mention, self.address)[0]: p.mention for p in shown}


def where(mention: Mention, address: str) -> tuple[str, str]:
    """Return id and address of a mention; an article's are those of the site it is read from."""
    if mention.source != "article":
        return mention.native_id, mention.url
    url = f"{address}/article{urlsplit(mention.url).path}"
    return page_id(url), url


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    folder: Path = tmp_path_factory.mktemp("wider")
    store = Store(f"sqlite:///{folder}/t.db")
    store.migrate()
    planned = [p for source in wider.FIELDS for p in wider.plan(source, N).planned]
    found = Rounds(planned)
    found.early = sorted(p.visible_at for p in planned)[-len(wider.FIELDS) * LATE] - DAY / 86400
    clock = found.early
    with ReplicaServer(scenario(planned), lambda: clock) as site:
        found.address = site.address
        sources = source_settings(scenario(planned), site.address, LENDERS)
        settings = Settings(database=store.name, var=folder / "var", sources=sources)
        for now in (found.early, found.early, NOW + DAY):
            clock = now
            stage.run(store, settings, now, only=list(wider.FIELDS))
            found.told.append(_told(store))
    yield found
    store.dispose()


def _told(store: Store) -> Told:
    with store.read() as conn:
        ids = list(conn.execute(select(schema.mention.c.id)).scalars())
        stored = {(m.source, m.native_id): m for m in mentions.get(conn, ids)}
        newest = {run.source: run for run in reversed(runs.latest(conn, jobs.STAGE))}
    return Told(stored, newest)


@pytest.mark.parametrize("source", wider.FIELDS)
def test_the_first_run_is_the_truth(rounds: Rounds, source: str) -> None:
    assert rounds.told[0].runs[source].outcome is Outcome.OK, rounds.told[0].runs[source].note
    assert_is_truth(rounds, 0, source, rounds.early)


@pytest.mark.parametrize("source", wider.FIELDS)
def test_the_second_run_finds_nothing_new_for_little(rounds: Rounds, source: str) -> None:
    first, second = (rounds.told[at].runs[source] for at in (0, 1))
    assert (second.outcome, second.counts["new"], second.counts["changed"]) == (
        Outcome.EMPTY, 0, 0,
    ), second.note  # fmt: skip
    assert second.counts["requests"] <= first.counts["requests"]
    if source in {*UNDATED, *wider.WITH_DETAILS}:  # where each item costs a request
        assert second.counts["requests"] < first.counts["requests"] / 4


@pytest.mark.parametrize("source", wider.FIELDS)
def test_k_more_are_k(rounds: Rounds, source: str) -> None:
    before = {key for key in rounds.told[0].stored if key[0] == source}
    third = rounds.told[2].runs[source]
    assert third.outcome is Outcome.OK, third.note
    assert third.counts["new"] == N - len(before)
    assert 0 < third.counts["new"] < N
    assert_is_truth(rounds, 2, source, NOW + DAY)


def assert_is_truth(rounds: Rounds, at: int, source: str, until: datetime) -> None:
    """Compare every field of every mention of a source with the plan."""
    found = {i: m for (name, i), m in rounds.told[at].stored.items() if name == source}
    expected = rounds.expected(source, until)
    assert found.keys() == expected.keys()
    for native_id, want in expected.items():
        got = found[native_id]
        for name in ("kind", "title", "text", "outlet", "reach", "published_at"):
            assert getattr(got, name) == getattr(want, name), (name, got.title)
        assert got.url == where(want, rounds.address)[1]
        assert bool(got.author) == bool(want.author)
        assert got.author != want.author or not want.author
        assert got.capture is not None
        if want.published_at is not None and until - want.published_at > DAY:  # replies are in
            assert got.extra == want.extra
            assert got.status == want.status
