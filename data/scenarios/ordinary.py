"""Ordinary days: every source at its own hours, most of it about our lender."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from data.scenarios.cast import Cast
from data.scenarios.chance import stream
from data.scenarios.clock import ordinary
from data.scenarios.draft import GUBA, HEIMAO, NEWS, NFRA, Draft
from data.scenarios.marks import plain
from data.scenarios.voices import Voices

_SHARES = {"own": 0.365, "rival": 0.075, "post": 0.385, "news": 0.185, "notice": 0.007}
"""Parts of a day's volume; a notice has about two rows."""
_TRIES = 12
_NO_WORD = re.compile(r"[\W\d]+")


def ordinary_days(
    seed: int, cast: Cast, starts_at: datetime, ends_at: datetime, per_day: float
) -> Iterator[Draft]:
    """Write everything that happens when nothing happens."""
    # per_day is a week's average; working days carry more than weekends
    daily = per_day * 1.09
    seen: set[str] = set()
    for name, source in (("own", HEIMAO), ("rival", HEIMAO), ("post", GUBA), ("news", NEWS)):
        if name == "rival" and not cast.rivals:
            continue
        voices = Voices.of(stream(seed, "ordinary", name), cast)
        write = _writer(voices, name)
        when = stream(seed, "times", name)
        for at in ordinary(when, source, starts_at, ends_at, daily * _SHARES[name]):
            yield _unlike(seen, partial(write, at))
    voices = Voices.of(stream(seed, "ordinary", "notice"), cast)
    when = stream(seed, "times", "notice")
    for at in ordinary(when, NFRA, starts_at, ends_at, daily * _SHARES["notice"]):
        yield from voices.notice(at)


def _unlike(seen: set[str], write: Callable[[], Draft]) -> Draft:
    """Write again, a few times, what was written before in the same words."""
    for _ in range(_TRIES):
        draft = write()
        words = _NO_WORD.sub("", plain(draft.text))
        if words not in seen:
            break
    seen.add(words)
    return draft


def _writer(voices: Voices, name: str) -> Callable[[datetime], Draft]:
    return {
        "own": voices.complaint,
        "rival": voices.rival_complaint,
        "post": voices.post,
        "news": voices.news,
    }[name]
