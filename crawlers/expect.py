"""Is this run as this source's runs use to be? Fixed rules, and the medians of its good runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Any

from crawlers.verdict import Verdict
from data.model import Outcome
from data.store.health import Concern, Condition

Seen = Mapping[str, Any]
"""What one good run saw, as crawlers/observing.py notes it."""
HISTORY = 14
"""Good runs that say what is usual."""
ENOUGH = 5
"""Fewer say nothing yet."""
_FEW = 10  # mentions or lines, below which shares are chance
_PATIENCE = 4.0  # times the usual age of the newest line
_SHORTEST_SILENCE = timedelta(hours=24)


def concerns(
    verdict: Verdict,
    before: Outcome | None,
    seen: Seen,
    history: Sequence[tuple[datetime, Seen]],
    now: datetime,
    last_ok_at: datetime | None,
) -> list[Concern]:
    """Return what is wrong with a source after a run.

    Args:
        verdict: The run's.
        before: The outcome of the run before, if there was one.
        seen: What this run saw.
        history: What the newest good runs before it saw, newest first.
        now: When the run began.
        last_ok_at: The end of what we know for sure: numbers after it are a gap.
    """
    since = last_ok_at or now
    if verdict.outcome is Outcome.REFUSED and last_ok_at is None and not _asked(verdict):
        return []  # never read, not allowed yet: nothing is missing
    bad = {Outcome.REFUSED: Condition.BLOCKED, Outcome.CHANGED: Condition.CHANGED}
    if verdict.outcome in bad:
        return [Concern(bad[verdict.outcome], since, verdict.note)]
    failures = (Outcome.FAILED, Outcome.KILLED)
    if verdict.outcome in failures:
        again = before in failures
        return [Concern(Condition.FAILING, since, verdict.note)] if again else []
    fixed = [note for note in (str(seen.get("canary", "")), _future(seen)) if note]
    if len(history) < ENOUGH:
        return [Concern(Condition.CHANGED, since, "; ".join(fixed))] if fixed else []
    past = [old for _, old in history[:HISTORY]]
    learnt = (_thin_lists(seen, past), _empty_fields(seen, past), _built(seen, past))
    drifts = [*fixed, *filter(None, learnt)]
    found = [Concern(Condition.CHANGED, since, "; ".join(drifts))] if drifts else []
    if quiet := _silence(seen, history, now):
        found.append(quiet)
    return found


def _asked(verdict: Verdict) -> int:
    return verdict.counts.get("requests", 0)


def _future(seen: Seen) -> str:
    """Notice mentions that are dated more than a day after they were read."""
    late, items = seen.get("future", 0), seen.get("items", 0)
    share = "more than one in a hundred mentions is dated after tomorrow"
    return share if late > items / 100 else ""


def _thin_lists(seen: Seen, past: Sequence[Seen]) -> str:
    """Notice lists that hold less than half of the usual lines a page."""
    usual = median(_per_list(old) for old in past)
    if usual >= _FEW and _per_list(seen) < usual / 2:
        return f"a list page holds {_per_list(seen):.1f} lines instead of {usual:.1f}"
    return ""


def _per_list(seen: Seen) -> float:
    return float(seen["lines"]) / max(1, int(seen["lists"]))


def _empty_fields(seen: Seen, past: Sequence[Seen]) -> str:
    """Notice a field that used to be filled and is not; runs with few mentions say nothing."""
    full = [old["filled"] for old in past if old["items"] >= 1]
    if seen["items"] < _FEW or len(full) < ENOUGH:
        return ""
    for name in sorted({name for old in full for name in old}):
        usual, share = median(old.get(name, 0.0) for old in full), seen["filled"].get(name, 0.0)
        if usual >= 0.9 and share < usual - 0.2:  # noqa: PLR2004 - as the field's checks have it
            return f"{name} is filled in {share:.0%} of the mentions instead of {usual:.0%}"
    return ""


def _built(seen: Seen, past: Sequence[Seen]) -> str:
    """Notice pages that lack more than a fifth of what all pages of their kind had."""
    for kind, paths in seen["skeletons"].items():
        old = [set(o["skeletons"][kind]) for o in past if o["skeletons"].get(kind)]
        core = set.intersection(*old) if len(old) >= ENOUGH else set()
        missing = core - set(paths)
        if core and len(missing) > len(core) / 5:
            return f"{len(missing)} of {len(core)} parts are gone from {kind} pages: {min(missing)}"
    return ""


def _silence(seen: Seen, history: Sequence[tuple[datetime, Seen]], now: datetime) -> Concern | None:
    """Notice that the newest line is much older than the newest line uses to be."""
    if not seen["newest"]:
        return None
    newest = datetime.fromisoformat(seen["newest"])
    ages = [
        (at - datetime.fromisoformat(old["newest"])).total_seconds()
        for at, old in history[:HISTORY]
        if old["newest"]
    ]
    if len(ages) < ENOUGH:
        return None
    usual = timedelta(seconds=max(0.0, quantiles(ages, n=10)[-1]))
    if now - newest <= max(_SHORTEST_SILENCE, _PATIENCE * usual):
        return None
    hours, used = (span.total_seconds() / 3600 for span in (now - newest, usual))
    note = f"nothing new for {hours:.0f} h; the newest line used to be {used:.1f} h old at most"
    return Concern(Condition.SILENT, newest, note)
