"""Read one page and store nothing: what ``tingfeng source try`` and ``record`` start in a child."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from crawlers.pages import decode
from data.errors import EvidenceError
from data.evidence import Page, content
from data.keys import pseudonym_key
from data.model import Capture, Gone, Mention
from data.privacy import mask
from data.settings import Settings
from data.store.mentions import Saved, clean

PAGES = 4
"""Answers after which a trial ends, robots.txt among them, if no mention came before."""


class Trial:
    """Stands in for the desk: knows nothing, saves nothing, remembers what it saw."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self._key = pseudonym_key(settings)
        self._pages: list[Page] = []
        self._mentions: list[Mention] = []

    def known(self, _native_ids: Sequence[str]) -> dict[str, str]:
        """Know no id: everything is worth reading."""
        return {}

    def keep(self, page: Page) -> Capture | None:
        """Remember a page."""
        self._pages.append(page)
        return None

    def save(self, batch: Sequence[Mention]) -> Saved:
        """Remember mentions."""
        self._mentions.extend(batch)
        return Saved(len(batch), 0, 0, ())

    def lose(self, _items: Sequence[Gone]) -> int:
        """Lose nothing: nothing is known."""
        return 0

    def held(self, _url: str) -> None:
        """Hold no page."""

    def oldest(self) -> None:
        """Have stored nothing."""

    def find(self, _native_id: str) -> None:
        """Find nothing."""

    def stored(self, _since: datetime, _until: datetime) -> list[Mention]:
        """Have stored nothing."""
        return []

    def close(self) -> None:
        """Have nothing to close."""

    def report(self) -> dict[str, Any]:
        """Return what would be stored, and the pages with people taken out."""
        stored = [dataclasses.asdict(clean(m, self._key)) for m in self._mentions]
        pages = [_told(page, self._mentions) for page in self._pages if not _is_robots(page)]
        return {"mentions": stored, "pages": pages}


def without_people(text: str, mentions: Iterable[Mention]) -> str:
    """Return a page's text with numbers masked and authors renamed; ids of mentions stay."""
    ids = {m.native_id for m in mentions if m.native_id}
    parts = re.split(f"({'|'.join(map(re.escape, ids))})", text) if ids else [text]
    masked = "".join(part if part in ids else mask(part) for part in parts)
    for number, author in enumerate(sorted({m.author for m in mentions if m.author}), 1):
        masked = masked.replace(author, f"用户{number}")
    return masked


def _told(page: Page, mentions: Sequence[Mention]) -> dict[str, Any]:
    try:
        text = decode(content(page))
    except EvidenceError:
        text = ""
    return {
        "url": page.url,
        "status": page.status,
        "name": _name(page, text),
        "text": without_people(text, mentions),
    }


def _name(page: Page, text: str) -> str:
    """Return a file name for a page: the last part of its path, with an ending that is right."""
    stem = PurePosixPath(urlsplit(page.url).path).stem or "page"
    kind = "json" if text.lstrip()[:1] in {"{", "["} else "html"
    kind = "xml" if text.lstrip().startswith("<?xml") else kind
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '_', stem)[:40]}.{kind}"


def _is_robots(page: Page) -> bool:
    return urlsplit(page.url).path == "/robots.txt"
