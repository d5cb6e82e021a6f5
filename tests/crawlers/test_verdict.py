"""How a run is judged by its statistics."""

from __future__ import annotations

from typing import Any

import pytest

from crawlers.verdict import judge, killed
from data.model import Outcome

FINE = {"finish_reason": "finished", "pages/list": 3, "downloader/request_count": 4}
NEW = {"mentions/new": 2}


@pytest.mark.parametrize(
    ("stats", "outcome", "note"),
    [
        (FINE | NEW, Outcome.OK, ""),
        (FINE | {"mentions/changed": 1}, Outcome.OK, ""),
        (FINE | {"mentions/same": 9}, Outcome.EMPTY, ""),
        (FINE, Outcome.EMPTY, ""),
        (FINE | NEW | {"pages/cap_reached": 1}, Outcome.OK, "page cap"),
        ({"finish_reason": "finished"}, Outcome.FAILED, "no list page"),
        (FINE | NEW | {"blocked/http_456": 1}, Outcome.REFUSED, "http_456"),
        (FINE | {"blocked/said_no": 1, "verdict/why": "code 7"}, Outcome.REFUSED, "code 7"),
        (FINE | {"robotstxt/forbidden": 4}, Outcome.REFUSED, "forbids 4"),
        (FINE | {"robotstxt/denied/500": 1}, Outcome.REFUSED, "500"),
        (FINE | {"offsite/filtered": 1}, Outcome.REFUSED, "another host"),
        ({"verdict/refusal": "not approved"}, Outcome.REFUSED, "not approved"),
        (FINE | NEW | {"pages/changed": 1, "verdict/why": "key"}, Outcome.CHANGED, "key"),
        (FINE | {"pages/unread": 1, "pages/read": 9}, Outcome.CHANGED, "1 of 10"),
        (FINE | NEW | {"pages/unread": 1, "pages/read": 99}, Outcome.OK, ""),
        (FINE | NEW | {"log_count/ERROR": 1}, Outcome.FAILED, "1 errors"),
        (FINE | NEW | {"store/error": "disk full"}, Outcome.FAILED, "disk full"),
        (FINE | NEW | {"finish_reason": "shutdown"}, Outcome.FAILED, "stopped before its end"),
        (FINE | NEW | {"finish_reason": "orphaned"}, Outcome.FAILED, "orphaned"),
        (FINE | {"httperror/response_ignored_count": 2}, Outcome.FAILED, "2 pages"),
        # a block says more than the errors it causes
        (FINE | {"blocked/waf": 1, "log_count/ERROR": 3}, Outcome.REFUSED, "waf"),
    ],
)
def test_the_verdict(stats: dict[str, Any], outcome: Outcome, note: str) -> None:
    verdict = judge(stats)
    assert verdict.outcome is outcome
    assert note in verdict.note
    assert bool(note) == bool(verdict.note)


def test_counts_that_pages_show_are_always_there() -> None:
    assert judge(FINE).counts == {"new": 0, "changed": 0, "same": 0, "requests": 4, "lists": 3}


def test_a_process_that_left_no_word() -> None:
    assert killed("signal 9").outcome is Outcome.KILLED
