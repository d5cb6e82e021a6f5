"""The companies of a plan: the lender it is about, its products, collectors and rivals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from data.errors import FactError
from data.model import Lender, Role
from data.scenarios.chance import chance
from data.scenarios.grammar import table

_STARRED = 4
"""Names shorter than this stay legible: nobody would know who 澄* is."""


@dataclass(frozen=True, slots=True)
class Company:
    """A lender with its products, and what the public sites number it by."""

    lender: Lender
    products: tuple[str, ...]
    app: str
    couid: str  # on the complaint platform
    bar: str  # on the stock forum

    @property
    def formal(self) -> str:
        """The name by which platforms and the press call it."""
        return self.lender.names[min(1, len(self.lender.names) - 1)]

    def named_in(self, words: str) -> bool:
        """Tell whether the words name the company or a product of it, even with a star in it."""
        names = (*self.lender.names, *self.products, self.app)
        starred = (f"{name[0]}*{name[2:]}" for name in names if len(name) >= _STARRED)
        return any(name in words for name in (*names, *starred))

    def called(self, rng: Random) -> str:
        """Return one of the ways people write the name; now and then with a character hidden."""
        names = self.lender.names[1:] or self.lender.names
        name = rng.choices(names, [4, 4, 1.2, 1.2][: len(names)])[0]
        if len(name) >= _STARRED and chance(rng, 0.02):
            name = name[0] + "*" + name[2:]
        return name


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody a planned text may name."""

    own: Company
    rivals: tuple[Company, ...]
    collectors: tuple[str, ...]
    partners: tuple[Lender, ...]
    nickname: str  # the shortest name, which may mean something else; "" if it never does
    companies: dict[str, list[str]]  # texts/companies.yaml

    @classmethod
    def of(cls, lenders: Sequence[Lender]) -> Cast:
        """Sort the lenders of a facts file into roles. Without a customer: FactError."""
        heads = [lender for lender in lenders if not lender.owner]
        customers = [lender for lender in heads if lender.role is Role.CUSTOMER]
        if not customers:
            raise FactError("lenders: no entry has role customer; a plan needs one to be about.")
        own = _company(customers[0], lenders, 1)
        rivals = [lender for lender in heads if lender.role is Role.RIVAL]
        partners = tuple(lender for lender in heads if lender.role is Role.PARTNER)
        invented = table("companies")
        return cls(
            own=own,
            rivals=tuple(_company(rival, lenders, 2 + i) for i, rival in enumerate(rivals)),
            collectors=tuple(p.names[-2:][0] for p in partners) + tuple(invented["collectors"]),
            partners=partners,
            nickname=min(own.lender.names, key=len) if own.lender.not_names else "",
            companies=invented,
        )

    def about(self, company: Company | None, words: str) -> tuple[str, ...]:
        """Name the slugs a text is about: the company, and a partner of ours that it names."""
        named = [p.slug for p in self.partners if any(name in words for name in p.names)]
        return (*([company.lender.slug] if company else []), *named)


def _company(lender: Lender, lenders: Sequence[Lender], number: int) -> Company:
    owned = [other for other in lenders if other.owner == lender.slug]
    apps = [other.zh for other in owned if "app" in other.slug]
    products = tuple(other.zh for other in owned if other.zh not in apps)
    return Company(
        lender=lender,
        products=products or (lender.names[-1],),
        app=apps[0] if apps else lender.names[-1] + "APP",
        couid=str(7_900_000_000 + number),
        bar=str(990_000 + number),
    )
