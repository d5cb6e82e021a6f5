"""Other people's words inside our own sentences; pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 120
QUOTED = 60
"""Characters of a quote that stand on the page; more is cut and says so."""
LEAD = 16
"""So many of them stand before the words that show the allegation."""
_RUN = re.compile(r"[0-9A-Za-z][0-9A-Za-z]")
_ENDS = "。！？；!?;\n"


def tame(words: str) -> str:
    """Return other people's words in one line, without the brackets that mark our own proofs.

    Control and format characters go too: a direction mark would turn our own words around.
    """
    shown = "".join(c if unicodedata.category(c) not in {"Cc", "Cf"} else " " for c in words)
    return " ".join(shown.replace("〔", "[").replace("〕", "]").split())[:LONGEST]


def sentence(body: str, start: int, end: int) -> str:
    """Return the sentence around a span, verbatim but for line breaks, cut where it is long."""
    left = max(body.rfind(sign, 0, start) for sign in _ENDS) + 1
    found = (body.find(sign, end) for sign in _ENDS)
    right = min((at for at in found if at >= 0), default=len(body))
    cut = max(left, min(start - LEAD, right - QUOTED)) if right - left > QUOTED else left
    if cut > left:  # begin behind a comma, not inside a word
        cut = 1 + max(cut - 1, body.find("，", cut, start), body.find("、", cut, start))
    cut, last = _before(body, cut, left), _before(body, min(right, cut + QUOTED), end)
    head, tail = "…" if cut > left else "", "…" if last < right else ""
    return head + tame(body[cut:last]) + tail


def _before(body: str, at: int, least: int) -> int:
    """Return where a number or Latin word begins that a cut would part; at least ``least``."""
    while least < at < len(body) and _RUN.fullmatch(body[at - 1 : at + 1]):
        at -= 1
    return at
