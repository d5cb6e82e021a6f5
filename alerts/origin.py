"""Who began a story: the earliest mention that tells it, not one that was only swept in; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from alerts.profile import Profile, groups_of, places_of, profile
from data.model import Allegation
from data.store.signals import Item


def first_of(members: Sequence[Item], place: str, allegations: Mapping[str, Allegation]) -> Item:
    """Return the earliest mention that shares the story's wording, or what it alleges and where.

    A story without allegations is told by those that allege nothing either. Where none tells it,
    the oldest counts.
    """
    about = profile(members, allegations)
    kin = families(members)
    ordered = sorted(members, key=lambda item: (item.at, item.mention_id))
    telling = (
        item for item in ordered if _tells(item, place or about.place, about, kin, allegations)
    )
    return next(telling, ordered[0])


def families(items: Iterable[Item]) -> Counter[int]:
    """Count how many say the same, by the first mention that said it."""
    return Counter(item.first_id for item in items if item.first_id)


def says_as(item: Item, kin: Collection[int]) -> bool:
    """Tell whether a mention repeats words of these families."""
    return item.first_id > 0 and item.first_id in kin


def _tells(
    item: Item,
    place: str,
    about: Profile,
    kin: Mapping[int, int],
    allegations: Mapping[str, Allegation],
) -> bool:
    if item.first_id and kin[item.first_id] > 1:
        return True
    named = places_of(item)
    if not (item.negative or item.severity) or (place and named and place not in named):
        return False
    if place and place in named:
        return not about.groups or not groups_of(item, allegations).isdisjoint(about.groups)
    if about.commonest:
        return about.commonest in item.allegations
    return not item.allegations
