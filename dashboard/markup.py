"""Pieces of HTML whose every word is escaped; only ``parts.py`` puts them on the screen.

What other people wrote goes through ``plain``: it is escaped, and characters that reverse or hide
the text around them are written out, so that a hostile text is seen as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
_ADDRESS = re.compile(r"(https?://[\w.:/?=&%#~+,;@!$*()-]*[\w/])", re.ASCII)
EXCERPT = 220
"""Characters of a long text that are seen before it is unfolded."""


@dataclass(frozen=True, slots=True)
class Span:
    """Words to mark: a half-open range of code points, with the footnote numbers they carry."""

    start: int
    end: int
    notes: tuple[int, ...]


def plain(text: str) -> str:
    """Escape a text for HTML and write out control characters that would change how it reads."""
    shown = escape(text, quote=True)
    return _UNSEEN.sub(lambda found: f'<span class="tf-unseen">U+{ord(found[0]):04X}</span>', shown)


def spelt(text: str) -> str:
    """Write out control characters in words that are no HTML, such as a widget's label."""
    return _UNSEEN.sub(lambda found: f"U+{ord(found[0]):04X}", text)


def link(url: str, label: str, css: str = "") -> str:
    """Return an outside link that opens apart; an address that is not http(s) stays words."""
    try:
        outside = urlsplit(url).scheme in {"http", "https"} and bool(urlsplit(url).netloc)
    except ValueError:
        outside = False
    words = plain(label)
    if not outside:
        return words
    return (
        f'<a class="{css}" href="{escape(url, quote=True)}" target="_blank"'
        f' rel="noopener noreferrer nofollow">{words}</a>'
    )


def merged(spans: Iterable[tuple[int, int, int]], size: int) -> tuple[Span, ...]:
    """Join overlapping (start, end, note) ranges; drop what lies outside of ``size`` characters."""
    found: list[Span] = []
    for start, end, note in sorted(spans):
        if not 0 <= start < end <= size:
            continue
        last = found[-1] if found else None
        if last and start < last.end:
            notes = last.notes if note in last.notes else (*last.notes, note)
            found[-1] = Span(last.start, max(last.end, end), notes)
        else:
            found.append(Span(start, end, (note,)))
    return tuple(found)


def marked(text: str, spans: Sequence[Span], start: int = 0, end: int | None = None) -> str:
    """Return ``text[start:end]`` with its spans marked and footnoted; spans must not overlap."""
    stop = len(text) if end is None else end
    pieces, at = [], start
    for span in spans:
        if span.end <= start or span.start >= stop:
            continue
        left, right = max(span.start, start), min(span.end, stop)
        notes = "".join(f"<sup>{note}</sup>" for note in span.notes)
        pieces += [plain(text[at:left]), f"<mark>{plain(text[left:right])}</mark>{notes}"]
        at = right
    return "".join([*pieces, plain(text[at:stop])])


def window(text: str, spans: Sequence[Span]) -> tuple[int, int]:
    """Return the range of a long text that is seen while it is folded: around its first span."""
    if len(text) <= EXCERPT * 4 // 3:
        return 0, len(text)
    first = spans[0].start if spans else 0
    start = 0 if first < EXCERPT * 2 // 3 else first - EXCERPT // 4
    return start, min(len(text), start + EXCERPT)


def body(text: str, spans: Sequence[Span], more: str, rest: str = "") -> str:
    """Return a text, folded behind the label ``more`` when long; ``rest`` tells of a cut tail."""
    start, end = window(text, spans)
    tail = f'<span class="tf-faint">{plain(rest)}</span>' if rest else ""
    if (start, end) == (0, len(text)):
        return f'<p class="tf-text" dir="auto">{marked(text, spans)} {tail}</p>'
    short = f"{'…' if start else ''}{marked(text, spans, start, end)}…"
    return (
        '<details class="tf-fold"><summary>'
        f'<span class="tf-text tf-short" dir="auto">{short}</span>'
        f' <span class="tf-more">{plain(more)}</span></summary>'
        f'<p class="tf-text" dir="auto">{marked(text, spans)} {tail}</p></details>'
    )


def linked(text: str) -> str:
    """Return a plain text in which addresses can be followed, as a mail reader shows it."""
    pieces = _ADDRESS.split(text)
    return "".join(
        link(piece, piece) if number % 2 else plain(piece) for number, piece in enumerate(pieces)
    )


def said(css: str, words: str, name: str = "span") -> str:
    """Return words in an element of a class."""
    return f'<{name} class="{css}" dir="auto">{plain(words)}</{name}>'


def tag(words: str, css: str = "") -> str:
    """Return a small label."""
    return f'<span class="tf-tag {css}">{plain(words)}</span>'
