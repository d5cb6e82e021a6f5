"""Each fault of a site ends in the right verdict, and no request leaves after a refusal."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.crawlers import wider

pytestmark = pytest.mark.xdist_group("matrix")  # its crawls are made once, by one worker

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("heimao_public", "eastmoney_news", "nfra_penalty", "eastmoney_guba")
WITH_DETAILS = ("heimao_public", "nfra_penalty", "eastmoney_guba")

Ends = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def ends() -> Ends:
    """Crawl every case in one process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.crawlers.matrix"],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout, done.stderr
    found: Ends = json.loads(done.stdout)
    return found


def pages(end: dict[str, Any]) -> list[str]:
    return [path for path in end["requests"] if path != "/robots.txt"]


def test_without_a_fault_all_is_read(ends: Ends) -> None:
    assert ends["fine"]["outcome"] == "ok"
    assert len(ends["fine"]["saved"]) == 24


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        ("robots absent", "ok"),
        ("robots forbids others", "ok"),
        ("robots server error", "refused"),
        ("robots unauthorised", "refused"),
        ("robots is a page", "refused"),
        ("robots forbids all", "refused"),
        ("robots names us", "refused"),
    ],
)
def test_robots(ends: Ends, case: str, outcome: str) -> None:
    end = ends[case]
    assert end["outcome"] == outcome
    assert bool(pages(end)) == (outcome == "ok")
    assert "robots.txt" in end["note"] or outcome == "ok"


def test_a_forbidden_part_is_not_read_and_the_rest_does_not_count(ends: Ends) -> None:
    end = ends["robots forbids details"]
    assert end["outcome"] == "refused"
    assert not [path for path in pages(end) if "/complaint/" in path]


def test_the_pace_that_robots_txt_asks_for_is_kept(ends: Ends) -> None:
    end = ends["robots asks for patience"]
    assert end["outcome"] == "ok"
    pauses = [later - earlier for earlier, later in pairwise(end["moments"][1:])]
    assert pauses
    assert min(pauses) > 0.45  # half a second, less the clock's grain


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("wall", ["block", "waf"])
def test_nothing_is_asked_after_a_block(ends: Ends, wall: str, source: str) -> None:
    end = ends[f"{wall} {source}"]
    assert end["outcome"] == "refused"
    assert len(pages(end)) == 2  # one good answer, then the wall
    assert ("456" if wall == "block" else "waf") in end["note"]


@pytest.mark.parametrize("source", SOURCES)
def test_a_sign_in_page_with_status_200_is_a_refusal(ends: Ends, source: str) -> None:
    end = ends[f"login {source}"]
    assert (end["outcome"], len(pages(end))) == ("refused", 1)


@pytest.mark.parametrize("source", SOURCES)
def test_a_way_to_another_host_is_not_gone(ends: Ends, source: str) -> None:
    end = ends[f"away {source}"]
    assert end["outcome"] == "refused"
    assert "another host" in end["note"]


def test_a_wrong_signature_is_a_refusal(ends: Ends) -> None:
    end = ends["no signing key"]
    assert (end["outcome"], len(pages(end))) == ("refused", 1)
    assert "signing_key" in end["note"]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("fault", ["renamed", "truncated"])
def test_a_list_we_cannot_read_is_a_changed_layout(ends: Ends, fault: str, source: str) -> None:
    end = ends[f"{fault} {source}"]
    assert (end["outcome"], len(pages(end))) == ("changed", 1)
    assert end["saved"] == []


@pytest.mark.parametrize("source", WITH_DETAILS)
def test_details_we_cannot_read_end_the_crawl_soon(ends: Ends, source: str) -> None:
    end = ends[f"renamed details {source}"]
    assert end["outcome"] == "changed"
    assert len(pages(end)) <= 8


@pytest.mark.parametrize("source", WITH_DETAILS)
def test_an_empty_list_that_counts_items_is_not_empty(ends: Ends, source: str) -> None:
    assert ends[f"empty {source}"]["outcome"] == "changed"


def test_a_store_that_fails_is_told_in_its_own_words(ends: Ends) -> None:
    end = ends["store full"]
    assert (end["outcome"], end["note"]) == ("failed", "mine.db: the disk is full; make room")


def test_server_errors_are_a_failure_after_two_retries(ends: Ends) -> None:
    end = ends["server errors"]
    assert end["outcome"] == "failed"
    assert len(pages(end)) == 6  # two bars, three tries each


def test_a_page_that_hides_its_charset_is_read(ends: Ends) -> None:
    assert ends["charset unsaid"]["outcome"] == "ok"
    assert len(ends["charset unsaid"]["saved"]) == 24


@pytest.mark.parametrize("source", wider.FIELDS)
@pytest.mark.parametrize("wall", ["waf", "login", "away"])
def test_the_wider_sources_know_a_wall(ends: Ends, wall: str, source: str) -> None:
    end = ends[f"{wall} {source}"]
    assert (end["outcome"], end["saved"]) == ("refused", [])
    if wall != "away":  # which is learnt for each target: the other host is not asked at all
        assert len(pages(end)) == 1


@pytest.mark.parametrize("source", wider.FIELDS)
@pytest.mark.parametrize("fault", ["renamed", "truncated"])
def test_the_wider_sources_know_a_list_they_cannot_read(
    ends: Ends, fault: str, source: str
) -> None:
    end = ends[f"{fault} {source}"]
    assert (end["outcome"], len(pages(end)), end["saved"]) == ("changed", 1, [])


@pytest.mark.parametrize("source", wider.COUNTING)
def test_the_wider_sources_that_count_are_not_taken_in(ends: Ends, source: str) -> None:
    assert ends[f"empty {source}"]["outcome"] == "changed"


@pytest.mark.parametrize("source", wider.WITH_DETAILS)
def test_the_wider_sources_give_up_on_details_soon(ends: Ends, source: str) -> None:
    end = ends[f"renamed details {source}"]
    assert end["outcome"] == "changed"
    assert len(pages(end)) <= 8
