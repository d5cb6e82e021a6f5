"""Ordinary days: every source at its own hours, most of it about our lender."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from data.scenarios.cast import Cast
from data.scenarios.clock import ordinary, stream
from data.scenarios.draft import GUBA, HEIMAO, NEWS, NFRA, Draft
from data.scenarios.voices import Voices

_SHARES = {"own": 0.365, "rival": 0.075, "post": 0.385, "news": 0.185, "notice": 0.007}
"""Parts of a day's volume; a notice has about two rows."""


def ordinary_days(
    seed: int, cast: Cast, starts_at: datetime, ends_at: datetime, per_day: float
) -> Iterator[Draft]:
    """Write everything that happens when nothing happens."""
    # per_day is a week's average; working days carry more than weekends
    daily = per_day * 1.09
    for name, source in (("own", HEIMAO), ("rival", HEIMAO), ("post", GUBA), ("news", NEWS)):
        if name == "rival" and not cast.rivals:
            continue
        voices = Voices.of(stream(seed, "ordinary", name), cast)
        write = _writer(voices, name)
        when = stream(seed, "times", name)
        for at in ordinary(when, source, starts_at, ends_at, daily * _SHARES[name]):
            yield write(at)
    voices = Voices.of(stream(seed, "ordinary", "notice"), cast)
    when = stream(seed, "times", "notice")
    for at in ordinary(when, NFRA, starts_at, ends_at, daily * _SHARES["notice"]):
        yield from voices.notice(at)


def _writer(voices: Voices, name: str) -> Callable[[datetime], Draft]:
    return {
        "own": voices.complaint,
        "rival": voices.rival_complaint,
        "post": voices.post,
        "news": voices.news,
    }[name]
