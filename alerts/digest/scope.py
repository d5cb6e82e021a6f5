"""Whom a digest is about: companies together, one product, or one province; pure.

Written as people ask for it: ``chenghu`` (a company), ``chenghu+lixing`` (a group), ``huguangdai``
(a product of the lenders file), ``chenghu@广东`` (a company or a group in one province). In a group
a text about two of its companies counts once for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alerts.digest.quoting import tame
from data.errors import InputError
from data.facts.english import place as english
from data.facts.places import places
from data.model import Lender, Role

LONGEST = 64
"""Characters of a scope's name in the store."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The companies' slugs, in the order asked for; at most one of ``product``, ``province``."""

    lenders: tuple[str, ...]
    product: str = ""
    province: str = ""

    @property
    def id(self) -> str:
        """The name by which it is asked for and kept."""
        if self.product:
            return self.product
        return "+".join(self.lenders) + (f"@{self.province}" if self.province else "")

    @property
    def narrow(self) -> bool:
        """Whether it is a part of what is said about its companies."""
        return bool(self.product or self.province)

    def of(self, lender: str) -> Scope:
        """Return the same scope for another company: a rival, or one of a group."""
        return Scope((lender,), self.product, self.province)


def parse(written: str, lenders: Sequence[Lender]) -> Scope:
    """Read a scope. Raises InputError for what the lenders file or the map does not know."""
    head, _, province = written.partition("@")
    known = {one.slug: one for one in lenders}
    slugs = tuple(dict.fromkeys(head.split("+")))
    for slug in slugs:
        if slug not in known:
            names = ", ".join(known)
            raise InputError(
                f"{written}: no such lender as {slug!r}; the lenders file knows {names}"
            )
    owned = [slug for slug in slugs if known[slug].owner]
    if owned and (len(slugs) > 1 or province):
        raise InputError(f"{written}: {owned[0]} is a product; ask for it alone")
    if "@" in written and province not in {group[0] for group in places()}:
        raise InputError(f"{written}: no such province as {province!r}; write it like chenghu@广东")
    if len(written) > LONGEST:
        raise InputError(f"{written}: too long; a scope has at most {LONGEST} characters")
    if owned:
        return Scope((known[owned[0]].owner,), product=owned[0])
    return Scope(slugs, province=province)


def ours(lenders: Sequence[Lender]) -> Scope:
    """Return the scope of the company whose digest this is: the first customer of the file."""
    known = [one for one in lenders if not one.owner]
    return Scope((next((c.slug for c in known if c.role is Role.CUSTOMER), known[0].slug),))


def names(scope: Scope, lenders: Mapping[str, Lender]) -> dict[str, str]:
    """Return what a scope is called, by language; a slug stands in for what is unknown."""

    def called(slug: str, language: str) -> str:
        return tame(getattr(lenders[slug], language) if slug in lenders else slug)

    zh, en = ([called(slug, one) for slug in scope.lenders] for one in ("zh", "en"))
    if scope.product:
        return {
            "zh": f"{called(scope.product, 'zh')}（{zh[0]}）",
            "en": f"{called(scope.product, 'en')} ({en[0]})",
        }
    place = scope.province
    return {
        "zh": "、".join(zh) + (f" · {place}" if place else ""),
        "en": ", ".join(en) + (f" · {english(place)}" if place else ""),
    }
