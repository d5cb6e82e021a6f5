"""Where words stand in a text, so that a label rests on exactly these; no Streamlit here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from data.fold import fold
from data.model import Mention

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
SENTENCES, PLACES = 60, 30
"""Sentences that are offered to begin with, and places at which the same words may stand."""
AROUND = 8
"""Characters shown on each side, to tell one place from another."""


@dataclass(frozen=True, slots=True)
class Place:
    """A half-open range of code points of a mention's title or text."""

    field: Literal["title", "text"]
    start: int
    end: int

    def words(self, mention: Mention) -> str:
        """Return what stands there."""
        return _body(mention, self.field)[self.start : self.end]

    def shown(self, mention: Mention) -> str:
        """Return what stands there with a few characters on each side, on one line."""
        body = _body(mention, self.field)
        first, last = max(0, self.start - AROUND), min(len(body), self.end + AROUND)
        cut = ("…" if first else "", "…" if last < len(body) else "")
        return " ".join(f"{cut[0]}{body[first:last]}{cut[1]}".split())

    def within(self, other: Place) -> bool:
        """Tell whether it lies inside of another."""
        return self.field == other.field and other.start <= self.start <= self.end <= other.end


def sentences(mention: Mention) -> tuple[Place, ...]:
    """Return the sentences of a text, then its title."""
    found = list(_sentences(mention.text))[:SENTENCES]
    title = mention.title
    if title.strip():
        start = len(title) - len(title.lstrip())
        found.append(Place("title", start, start + len(title.strip())))
    return tuple(found)


def places(mention: Mention, words: str) -> tuple[Place, ...]:
    """Return where words stand in text and title.

    Where they stand nowhere as they are, letters and digits of the other width or case count, and
    traditional characters for simplified ones.
    """
    sought = words.strip()
    if not sought:
        return ()
    bodies: tuple[tuple[Literal["title", "text"], str], ...] = (
        ("text", mention.text), ("title", mention.title),
    )  # fmt: skip
    exact = [place for field, body in bodies for place in _all(field, body, sought)]
    alike = exact or [p for field, body in bodies for p in _all(field, fold(body), fold(sought))]
    return tuple(alike[:PLACES])


def _sentences(text: str) -> Iterator[Place]:
    for found in _SENTENCE.finditer(text):
        words = found[0]
        start = found.start() + len(words) - len(words.lstrip())
        if words.strip():
            yield Place("text", start, start + len(words.strip()))


def _all(field: Literal["title", "text"], body: str, sought: str) -> Iterator[Place]:
    at = body.find(sought)
    while at >= 0:
        yield Place(field, at, at + len(sought))
        at = body.find(sought, at + 1)


def _body(mention: Mention, field: Literal["title", "text"]) -> str:
    return mention.title if field == "title" else mention.text
