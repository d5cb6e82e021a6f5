"""The stretch a digest is about: a week, a day or a month of Shanghai's calendar; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from data.errors import InputError
from data.model import SHANGHAI

Kind = Literal["week", "day", "month"]
BAND = 8
"""What is usual is told by this many periods of the same length before."""
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of Shanghai: ``first`` to ``last``, both included."""

    kind: Kind
    first: date
    last: date

    @property
    def id(self) -> str:
        """The name by which it is asked for: 2026-W47, 2026-11-22 or 2026-11."""
        if self.kind == "week":
            year, week, _ = self.first.isocalendar()
            return f"{year}-W{week:02}"
        return f"{self.first:%Y-%m}" if self.kind == "month" else self.first.isoformat()

    @property
    def since(self) -> datetime:
        """Its beginning, in UTC."""
        return datetime.combine(self.first, time(), SHANGHAI).astimezone(UTC)

    @property
    def until(self) -> datetime:
        """Its end, in UTC; this moment is not part of it."""
        return datetime.combine(self.last + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)

    @property
    def days(self) -> tuple[date, ...]:
        """Each of its days."""
        return tuple(self.first + timedelta(n) for n in range((self.last - self.first).days + 1))

    def before(self) -> Period:
        """Return the period of the same kind that ends where this one begins."""
        return containing(self.kind, self.first - timedelta(days=1))

    def history(self) -> tuple[Period, ...]:
        """Return the BAND periods before, the oldest first."""
        return tuple(reversed(list(self._back(BAND))))

    def _back(self, n: int) -> Iterator[Period]:
        one = self
        for _ in range(n):
            one = one.before()
            yield one


def containing(kind: Kind, day: date) -> Period:
    """Return the period of a kind that a day belongs to; weeks begin on Monday (ISO 8601)."""
    if kind == "day":
        return Period(kind, day, day)
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(kind, monday, monday + timedelta(days=6))
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return Period(kind, first, following - timedelta(days=1))


def kind_of(name: str) -> Kind:
    """Return which kind of period a name is of."""
    if _WEEK.fullmatch(name):
        return "week"
    return "day" if _DAY.fullmatch(name) else "month"


def last_complete(kind: Kind, now: datetime) -> Period:
    """Return the newest period of a kind that is over."""
    return containing(kind, now.astimezone(SHANGHAI).date()).before()


def parse(written: str, now: datetime) -> Period:
    """Read ``2026-W47``, ``2026-11-22``, ``2026-11``; ``week``, ``day``, ``month``: the last one.

    Raises InputError for anything else and for what is not over yet.
    """
    if written in {"week", "day", "month"}:
        return last_complete(written, now)  # type: ignore[arg-type]  # one of the three
    try:
        found = _read(written)
    except ValueError:
        found = None
    if found is None:
        raise InputError(f"{written}: no such period; write 2026-W47, 2026-11-22 or 2026-11")
    if found.until > now:
        raise InputError(
            f"{written}: this period is not over before {found.until.astimezone(SHANGHAI):%F %H:%M}"
            " in Shanghai; ask for an earlier one"
        )
    return found


def _read(written: str) -> Period | None:
    if week := _WEEK.fullmatch(written):
        return containing("week", date.fromisocalendar(int(week[1]), int(week[2]), 1))
    if _DAY.fullmatch(written):
        return containing("day", date.fromisoformat(written))
    if month := _MONTH.fullmatch(written):
        return containing("month", date(int(month[1]), int(month[2]), 1))
    return None
