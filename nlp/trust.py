"""How far a damaged page is to be trusted.

What is rebuilt may be read wrongly, and who spins pages by machine seldom checks what they say.
Trust is 1 for an ordinary text and falls by twice the share of its characters that are damaged or
annotated (nlp/repair.py). What is thought of the text is drawn towards not knowing, and a page of
little trust is never grave by itself: a person looks first. What it says stays on record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from data.model import SourceKind
from nlp.sentiment import Feeling

LOW = 0.8
"""Below this a person should look at the page before anybody acts on it."""

_LEAST = 0.2
_GRAVE = 4  # severity from which one mention opens an incident
_SPUN = frozenset({SourceKind.NEWS, SourceKind.POST, SourceKind.OTHER})  # what machines write
_ALWAYS = frozenset({"self_harm_signal"})


def trust(facts: Mapping[str, Sequence[Mapping[str, Any]]]) -> float:
    """Return the trust, 0.2 to 1, that a mention deserves by the facts read from it."""
    share = max((fact["value"] for fact in facts.get("garbled", ())), default=0.0)
    return round(max(_LEAST, 1 - 2 * share), 2)


def doubted(feeling: Feeling, trust: float) -> Feeling:
    """Return the feeling drawn towards equal chances, the more the less the text is trusted."""
    if trust >= 1:
        return feeling
    rest = (1 - trust) / 3
    return Feeling(
        feeling.negative * trust + rest,
        feeling.neutral * trust + rest,
        feeling.positive * trust + rest,
    )


def gravity(severity: int, trust: float, kind: SourceKind, tags: Sequence[str]) -> int:
    """Return the severity that counts; a sign of self-harm counts however it is written."""
    if trust >= LOW or kind not in _SPUN or not _ALWAYS.isdisjoint(tags):
        return severity
    return min(severity, _GRAVE - 1)
