"""What stood where a text has masks, from the page as it was received. Pure; no Streamlit.

A mask keeps the length, so what stood there is looked for in the page between the words around it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from dashboard.markup import Span

AROUND = 12
"""Characters on each side of a mask that must stand in the page."""
LEAST = 4
"""With fewer known characters around it, a mask could be anything."""
READ = 5_000_000
"""Characters of a page that are searched."""
_RUN = re.compile(r"\*+")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|[nrt/\"\\])")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Original:
    """A text with what was masked, where that is, and how many characters were not found."""

    text: str
    spans: tuple[Span, ...]
    missing: int


def decoded(page: bytes) -> str:
    """Return a page's words: UTF-8 or GB 18030, without tags, entities and escapes undone."""
    try:
        text = page.decode("utf-8")
    except UnicodeDecodeError:
        text = page.decode("gb18030", "replace")
    text = _ESCAPE.sub(_undone, text[:READ])
    return html.unescape(_TAG.sub("", text))


def restored(masked: str, words: str) -> Original:
    """Return ``masked`` with its masks filled from a page's words, as far as they stand there."""
    found, spans, missing = list(masked), [], 0
    for run in _RUN.finditer(masked):
        start, end = run.span()
        hit = _between(masked[max(0, start - AROUND) : start], end - start,
                       masked[end : end + AROUND], words)  # fmt: skip
        if hit is None:
            missing += end - start
        elif hit != run[0]:
            found[start:end] = hit
            spans.append(Span(start, end, ()))
    return Original("".join(found), tuple(spans), missing)


def _between(before: str, size: int, after: str, words: str) -> str | None:
    known = sum(char not in "* \n" for char in before + after)
    if known < LEAST:
        return None
    hit = re.search(f"{_loose(before)}(.{{{size}}}){_loose(after)}", words, re.DOTALL)
    return hit[1] if hit else None


def _loose(text: str) -> str:
    """Return a pattern for a text whose spaces and masks may be anything in the page."""
    gap = r"\s*"
    known = gap.join("." if char == "*" else re.escape(char) for char in "".join(text.split()))
    return f"{gap * text[:1].isspace()}{known}{gap * text[-1:].isspace()}"


def _undone(found: re.Match[str]) -> str:
    sign = found[1]
    return chr(int(sign[1:], 16)) if sign[0] == "u" and len(sign) > 1 else _PLAIN.get(sign, sign)
