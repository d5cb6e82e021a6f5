"""A short crowd in the suite; ``make visitors`` lets twenty in for five minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Server, seeded
from tests.browser.crowd import crowd

pytestmark = pytest.mark.browser


def test_several_visitors_click_and_write_and_nothing_fails(tmp_path: Path) -> None:
    seeded(tmp_path, "crisis")
    server = Server(tmp_path, "", {})
    with server as address:
        told = crowd(address, server.process.pid, 5, 6, (0.2, 0.8))
    assert told.failures == []
    assert told.steps >= 5
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")
