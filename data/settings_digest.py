"""The settings of the digest: which page goes to whom, and when."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from data.section import Section

Edition = Literal["week", "day", "month"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Audience(Section):
    """Readers of one page: what it is about, how often it comes, and by which ways."""

    scope: str = Field(
        "",
        description="chenghu, chenghu+lixing, a product's slug or chenghu@广东; none: our company",
    )
    edition: Edition = "week"
    to: tuple[str, ...] = Field((), description="addresses; each reader gets a mail of their own")
    bots: tuple[str, ...] = Field((), description="names of other channels: they get a short form")
    language: Literal["zh", "en"] = "zh"


class Digest(Section):
    """The page about a finished week, day or month."""

    to: tuple[str, ...] = Field((), description="who gets the weekly page of our company by mail")
    bots: tuple[str, ...] = Field((), description="names of channels that get its short form")
    language: Literal["zh", "en"] = "zh"
    channel: str = Field("", description="the e-mail channel that carries mails; else the first")
    day: Day = Field("mon", description="of the week after; a daily or monthly page comes at once")
    time: str = Field("08:07", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="in Shanghai")
    holidays: Path | None = Field(
        None, description="YAML list of dates on which it waits for the next day"
    )
    audiences: tuple[Audience, ...] = Field(
        (), description="tables [[digest.audiences]]: scope, edition, to, bots, language"
    )

    def everybody(self) -> tuple[Audience, ...]:
        """Return all audiences that have a reader."""
        own = Audience(to=self.to, bots=self.bots, language=self.language)
        return tuple(one for one in (own, *self.audiences) if one.to or one.bots)
