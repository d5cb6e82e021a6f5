"""Marked text: plain text in which ``<id:words>`` says which words carry which allegation."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from data.model import Evidence
from data.scenarios.grammar import table

_MARK = re.compile(r"<(\w+):|>")
_SENTENCE = re.compile(r"[^。！？\n]+[。！？]?")
_THREATS = {
    "threat_of_violence",
    "threat_of_arrest",
    "threat_family_future",
    "sham_litigation_threat",
}


def plain(marked: str) -> str:
    """Return the text without its marks."""
    return _MARK.sub("", marked)


def settle(marked: str, field: Literal["title", "text"]) -> tuple[str, tuple[Evidence, ...]]:
    """Split marked text into the plain text and the evidence, with spans in code points.

    A mark that is not closed, or closed twice, is a ValueError: the text was cut badly.
    """
    out: list[str] = []
    open_marks: list[tuple[str, int]] = []
    found: list[tuple[str, int, int]] = []
    end = size = 0
    for mark in _MARK.finditer(marked):
        out.append(marked[end : mark.start()])
        size += mark.start() - end
        end = mark.end()
        if mark[1]:
            open_marks.append((mark[1], size))
        elif open_marks:
            allegation, start = open_marks.pop()
            found.append((allegation, start, size))
        else:
            raise ValueError(f"a mark is closed that was not opened: {marked!r}")
    if open_marks:
        raise ValueError(f"a mark is not closed: {marked!r}")
    text = "".join([*out, marked[end:]])
    return text, tuple(Evidence(a, field, s, e, text[s:e]) for a, s, e in sorted(found, key=_order))


def _order(span: tuple[str, int, int]) -> tuple[int, int, str]:
    return span[1], span[2], span[0]


def concrete(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Drop a slogan's label where the same text tells a concrete act of its sort."""
    told = {e.allegation for e in evidence} - _not_collection()
    told -= {"unspecified_harassment", "threat_unspecified"}
    vague = {"unspecified_harassment"} if told else set()
    vague |= {"threat_unspecified"} if told & _THREATS else set()
    return tuple(e for e in evidence if e.allegation not in vague)


@cache
def _not_collection() -> frozenset[str]:
    return frozenset(table("mix")["not_collection"])


def sentences(marked: str) -> list[str]:
    """Split marked text after full stops that stand outside marks."""
    found, held = [], ""
    for piece in _SENTENCE.findall(marked):
        held += piece
        if held.count("<") == held.count(">"):
            found.append(held)
            held = ""
    return [sentence for sentence in found if plain(sentence).strip()]
