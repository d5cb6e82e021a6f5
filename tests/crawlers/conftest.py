"""A spider with a job made by hand, to replay saved pages without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from scrapy.http import HtmlResponse, Request, Response

from crawlers.source import Job, SourceSpider
from data.facts.sources import sources
from data.model import Mention
from data.store.mentions import Saved
from tests.crawlers.weeks import NOW

settings.register_profile("unhurried", deadline=None)  # machines that run tests are busy
settings.load_profile("unhurried")

PAGES = Path(__file__).resolve().parents[1] / "pages"

Replay = Callable[..., list[Any]]


def make_job(
    slug: str,
    known: Mapping[str, str] | None = None,
    watermark: Mapping[str, Any] | None = None,
    now: datetime = NOW,
) -> Job:
    """Return a job that knows these ids and stores nothing."""

    def look(native_ids: Sequence[str]) -> dict[str, str]:
        return {i: (known or {})[i] for i in native_ids if i in (known or {})}

    def save(batch: Sequence[Mention]) -> Saved:
        return Saved(len(batch), 0, 0, ())

    return Job(
        fact=sources()[slug],
        base_url="http://127.0.0.1:1/x",
        targets=(),
        watermark=watermark or {},
        clock=lambda: now,
        known=look,
        save=save,
        signing_key="$TESTCONST%",
    )


def saved_page(slug: str, name: str, *, detail: bool = False, status: int = 200) -> Response:
    """Return a saved page as the response to a request for it."""
    url = f"http://127.0.0.1:1/x/{name}"
    request = Request(url, meta={"detail": True} if detail else {})
    body = (PAGES / slug / name).read_bytes()
    return HtmlResponse(url, status=status, body=body, request=request)


def mentions_of(found: Iterable[Any]) -> list[Mention]:
    """Return the mentions among what a parse method yields."""
    return [item for item in found if isinstance(item, Mention)]


def asked_by(found: Iterable[Any]) -> list[str]:
    """Return the addresses of the requests among what a parse method yields, without our host."""
    return [
        item.url.removeprefix("http://127.0.0.1:1/x") for item in found if isinstance(item, Request)
    ]


@pytest.fixture
def spider() -> Callable[..., SourceSpider]:
    """Return a maker of spiders: ``spider(HeimaoPublic, known={...})``."""

    def make(kind: type[SourceSpider], **job: Any) -> SourceSpider:
        assert kind.name
        made = kind(job=make_job(kind.name, **job))
        list(made.begin())
        return made

    return make
