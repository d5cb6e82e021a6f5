"""What becomes of a plan when its site corrects some items, or takes some away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from zlib import crc32

from crawlers.replica.faults import Kind
from data.model import Mention
from data.scenarios.format import Planned

CORRECTION = "（更正）"
_EDITED, _DELETED = 3, 5  # one in so many


def edited(item: Planned) -> Planned:
    """Return an item with a correction at its end; of a penalty, in what was violated."""
    mention = item.mention
    return replace(item, mention=_corrected(mention))


def _corrected(mention: Mention) -> Mention:
    if violation := mention.extra.get("violation"):
        said = f"{violation}{CORRECTION}"
        extra = {**mention.extra, "violation": said}
        return replace(mention, text=mention.text.replace(violation, said), extra=extra)
    if mention.text:
        return replace(mention, text=mention.text + CORRECTION)
    return replace(mention, title=mention.title + CORRECTION)


def _correct_some(planned: Iterable[Planned]) -> list[Planned]:
    return [item if _number(item) % _EDITED else edited(item) for item in planned]


def _take_some(planned: Iterable[Planned]) -> list[Planned]:
    return [item for item in planned if _number(item) % _DELETED]


def _number(item: Planned) -> int:
    """Return the same number for the same item, and for all rows of a notice."""
    extra = item.mention.extra
    return crc32(str(extra.get("doc_id") or item.mention.native_id).encode())


ALTERATIONS: Mapping[Kind, Callable[[Iterable[Planned]], list[Planned]]] = {
    Kind.EDITED: _correct_some,
    Kind.DELETED: _take_some,
}
"""Faults that show another plan."""
