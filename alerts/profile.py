"""What a handful of mentions is about: what they allege, where, in numbers; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from alerts.words import Language, say
from data.facts.places import named_in
from data.model import Allegation
from data.store.signals import Item

SHARE = 0.3
"""A group of allegations is part of a story when this share of its mentions alleges it."""
NAMED = 0.1
"""A title names no act that fewer of the mentions allege: one of seventy names no story."""
PLACE_SHARE = 0.4
"""A story plays where this share of its mentions, and at least two, say so."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What some mentions have in common; "" where they have nothing."""

    group: str  # of what most of them allege
    groups: frozenset[str]  # every group with its share
    allegation: str  # the commonest of the main group
    commonest: str  # the commonest of all with its share, of equally common ones the gravest
    place: str
    places: frozenset[str]  # every place that is named
    negative: int


def profile(items: Sequence[Item], allegations: Mapping[str, Allegation]) -> Profile:
    """Sum up mentions; an allegation that is not in the taxonomy is left out."""
    groups: Counter[str] = Counter()
    tags: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for item in items:
        groups.update(groups_of(item, allegations))
        tags.update(item.allegations)
        places.update(places_of(item))
    enough = SHARE * len(items)
    shared = frozenset(group for group, n in groups.items() if n >= enough)
    main = _first(groups, shared, tags, allegations)
    own = {
        tag: n for tag, n in tags.items() if tag in allegations and allegations[tag].group == main
    }
    return Profile(
        group=main,
        groups=shared,
        allegation=_commonest(own, allegations),
        commonest=_commonest(_usual(tags, items), allegations),
        place=_place(places, len(items)),
        places=frozenset(places),
        negative=sum(item.negative for item in items),
    )


def groups_of(item: Item, allegations: Mapping[str, Allegation]) -> frozenset[str]:
    """Return the groups of what one mention alleges."""
    return frozenset(allegations[tag].group for tag in item.allegations if tag in allegations)


def places_of(item: Item) -> frozenset[str]:
    """Return the places one mention names, in its title before its text."""
    return _named(item.title) or _named(item.text)


def headline(
    key: str, about: Profile, allegations: Mapping[str, Allegation], number: int, language: Language
) -> str:
    """Return an incident's title: what is said, where, and how often; true and short."""
    head = key.split(":", maxsplit=1)[0]
    known = allegations.get(about.allegation if head == "routine" else about.commonest)
    what = (known.zh if language == "zh" else known.en) if known else say(language, "general")
    piled_up = head == "severe" and number > 1  # of one it would read oddly
    if piled_up or head in {"volume", "regulator", "hotlist"}:
        return say(language, f"title_{head}", n=number)
    if head == "routine":
        return say(language, "title_routine", what=what, n=number)
    place = key.partition("@")[2] or about.place
    return say(language, "title_story", place=place, what=what, n=about.negative or number).strip()


def _usual(tags: Mapping[str, int], items: Sequence[Item]) -> dict[str, int]:
    """Return what a share of those that allege anything says, and two of several."""
    alleging = sum(bool(item.allegations) for item in items)
    enough = max(SHARE * alleging, min(2, alleging), NAMED * len(items))
    return {tag: n for tag, n in tags.items() if n >= enough}


def _commonest(tags: Mapping[str, int], allegations: Mapping[str, Allegation]) -> str:
    """Return what most mentions say; the gravest of what is said equally often."""
    known = [tag for tag in tags if tag in allegations]
    return max(known, key=lambda t: (tags[t], allegations[t].severity, t), default="")


def _first(
    groups: Counter[str],
    shared: frozenset[str],
    tags: Counter[str],
    allegations: Mapping[str, Allegation],
) -> str:
    def weight(group: str) -> tuple[int, int, str]:
        gravest = max(allegations[t].severity for t in tags if t in allegations
                      and allegations[t].group == group)  # fmt: skip
        return groups[group], gravest, group

    return max(shared, key=weight, default="")


def _place(places: Counter[str], number: int) -> str:
    if number == 1:
        return next(iter(places)) if len(places) == 1 else ""
    likely = [place for place, n in places.items() if n >= max(2, PLACE_SHARE * number)]
    return max(likely, key=lambda place: (places[place], place), default="")


@lru_cache(maxsize=20_000)
def _named(text: str) -> frozenset[str]:
    return named_in(text)
