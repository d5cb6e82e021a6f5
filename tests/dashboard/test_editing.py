"""One thing in a file of facts is changed; all else stays as people wrote it."""

from __future__ import annotations

import pytest

from dashboard import editing
from data.facts.telling import FILE

TEXT = FILE.read_text("utf-8")


def test_a_route_takes_the_place_of_the_one_before() -> None:
    once = editing.with_route(TEXT, "公关群", "orange", "lead")
    assert (
        "channels:\n  公关群:\n    lowest_level: orange\n    audience: lead\n\n# The first" in once
    )
    assert once.replace(once[once.index("channels:") : once.index("# The first")], "") == (
        TEXT.replace("channels: {}\n\n", "")
    )
    twice = editing.with_route(once, "公关群", "red", "lead")
    assert "orange, audience" not in twice.replace(
        "#   公关群: {lowest_level: orange, audience", ""
    )
    both = editing.with_route(twice, "mail: [1]", "blue", "duty")
    assert "  公关群:\n    lowest_level: red\n    audience: lead\n  'mail: [1]':\n" in both


def test_a_file_that_knows_no_routes_gets_a_table_of_them() -> None:
    text = editing.with_route("messages_a_day: 5", "群", "red", "lead")
    assert text == (
        "messages_a_day: 5\nchannels:\n  群:\n    lowest_level: red\n    audience: lead\n"
    )


@pytest.mark.parametrize("table", ["channels: [a, b]\n", "channels: {a\n", "channels: 3\n"])
def test_a_table_that_cannot_be_read_is_left_alone(table: str) -> None:
    assert editing.with_route(table, "群", "red", "lead") == table
