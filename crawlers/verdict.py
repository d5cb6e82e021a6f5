"""How a crawl ended, judged by its statistics: its exit code is 0 even when it was blocked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crawlers import clocks
from data.model import Outcome

UNREAD_SHARE = 0.05
"""More unreadable detail pages than this share of all mean that the layout has changed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, the counts worth keeping, and a sentence for the operator."""

    outcome: Outcome
    counts: Mapping[str, int]
    note: str = ""


def judge(stats: Mapping[str, Any]) -> Verdict:
    """Return the verdict of one finished crawl: what is worst decides.

    "Empty" must be earned: only a recognised list page can say that there is nothing new.
    """
    counts = _counts(stats)
    for look in (_refused, _changed, _failed):
        if found := look(stats):
            return Verdict(found[0], counts, found[1])
    notes = ["the list is longer than the page cap"] if stats.get("pages/cap_reached") else []
    if ahead := stats.get(clocks.AHEAD, 0):
        notes.append(clocks.apart(ahead))
    fresh = counts["new"] + counts["changed"]
    return Verdict(Outcome.OK if fresh else Outcome.EMPTY, counts, "; ".join(notes))


def killed(note: str) -> Verdict:
    """Return the verdict of a crawl that left no statistics."""
    return Verdict(Outcome.KILLED, {}, note)


def _counts(stats: Mapping[str, Any]) -> dict[str, int]:
    names = {
        "new": "mentions/new",
        "changed": "mentions/changed",
        "same": "mentions/same",
        "requests": "downloader/request_count",
        "lists": "pages/list",
        "details": "pages/read",
        "unread": "pages/unread",
        "lost": "pages/lost",
        "unchanged": "pages/unchanged",
        "retry_after": "retry/after",
        "gone": "mentions/gone",
        "future": clocks.FUTURE,
        "clock_ahead": clocks.AHEAD,
    }
    counts = {name: int(stats.get(key, 0)) for name, key in names.items()}
    return {n: c for n, c in counts.items() if c or n in {"new", "changed", "same", "requests"}}


def _refused(stats: Mapping[str, Any]) -> tuple[Outcome, str] | None:
    note = str(stats.get("verdict/refusal", "")) or _blocked(stats)
    if not note and stats.get("robotstxt/forbidden"):
        note = f"robots.txt forbids {stats['robotstxt/forbidden']} of our pages"
    if not note and stats.get("offsite/filtered"):
        note = "the site sent us to another host"
    return (Outcome.REFUSED, note) if note else None


def _blocked(stats: Mapping[str, Any]) -> str:
    if stats.get("blocked/said_no"):
        ahead = stats.get(clocks.AHEAD, 0)
        why = str(stats.get("verdict/why", ""))
        return f"{why}; {clocks.apart(ahead)}" if ahead else why
    for key in stats:
        if key.startswith("blocked/"):
            return f"the site blocked us ({key.removeprefix('blocked/')})"
        if key.startswith("robotstxt/denied/"):
            reason = key.removeprefix("robotstxt/denied/")
            return f"robots.txt could not be read ({reason}), which means no"
    return ""


def _changed(stats: Mapping[str, Any]) -> tuple[Outcome, str] | None:
    why = str(stats.get("verdict/why", ""))
    if stats.get("pages/changed"):
        return Outcome.CHANGED, why
    unread, read = stats.get("pages/unread", 0), stats.get("pages/read", 0)
    if unread and unread > UNREAD_SHARE * (unread + read):
        return Outcome.CHANGED, f"{unread} of {unread + read} pages could not be read; {why}"
    return None


def _failed(stats: Mapping[str, Any]) -> tuple[Outcome, str] | None:
    errors = stats.get("log_count/ERROR", 0) + stats.get("log_count/CRITICAL", 0)
    reason = stats.get("finish_reason", "no reason given")
    ignored = stats.get("httperror/response_ignored_count", 0)
    lost = stats.get("pages/lost", 0)
    found = (
        (stats.get("store/error"), str(stats.get("store/error"))),
        (reason == "shutdown", "the crawl was stopped before its end; the next one reads on"),
        (reason != "finished", f"the crawl was ended early ({reason})"),
        (errors, f"{errors} errors; the log of the run has them"),
        (ignored, f"{ignored} pages answered with an error status"),
        (lost, f"{lost} pages were not received ({stats.get('pages/lost_why')})"),
        (not stats.get("pages/list"), "no list page was recognised"),
    )
    return next(((Outcome.FAILED, note) for true, note in found if true), None)
