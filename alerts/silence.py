"""What a silence must have before it is written: a reason, an end that is not far, a person."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.policy import telling_of
from data.errors import InputError
from data.model import Silence
from data.settings import Settings


def planned(
    settings: Settings,
    lender: str,
    topic: str,
    starts_at: datetime,
    lasts: timedelta,
    by: str,
    reason: str,
) -> Silence:
    """Return a silence that may be written. Raises InputError naming what is missing."""
    longest = timedelta(hours=telling_of(settings).silence.longest_hours)
    for name, value in (("--reason", reason), ("--by", by)):
        if not value.strip():
            raise InputError(f"silence: {name} is empty; a silence is on somebody's record")
    if not timedelta(0) < lasts <= longest:
        hours = f"{longest.total_seconds() / 3600:.0f}"
        raise InputError(f"silence: --hours must be above 0 and at most {hours}; plan a second one")
    ends_at = starts_at + lasts
    return Silence(lender, topic, starts_at, ends_at, by.strip()[:64], reason.strip())
