"""The receiver that docs/webhook.md shows, against real requests, forged ones and replays."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.channels import sender
from tests.alerts.servers import web
from tests.alerts.test_channels import MESSAGE, SECRET, hook
from tests.conftest import NOW

DOCS = Path(__file__).parents[2] / "docs" / "webhook.md"
KEY = SECRET.encode()
SENT = int(NOW.timestamp())


@pytest.fixture(scope="module")
def accept() -> Callable[..., Any]:
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(DOCS), "exec"), names)
    found: Callable[..., Any] = names["accept"]
    return found


@pytest.fixture(scope="module")
def request_() -> tuple[dict[str, str], bytes]:
    with web() as receiver:
        sender(hook(receiver.url)).send(MESSAGE)
    return receiver.got[0]


def test_it_takes_a_real_one_once(
    accept: Callable[..., Any], request_: tuple[dict[str, str], bytes]
) -> None:
    headers, body = request_
    seen: dict[str, int] = {}
    message = accept(headers, body, KEY, SENT + 3, seen)
    assert message["card"] == MESSAGE.card
    assert message["id"] == headers["Idempotency-Key"]
    assert accept(headers, body, KEY, SENT + 4, seen) is None, "a replay at once"


def test_a_replay_after_a_while_is_refused_even_if_the_id_was_forgotten(
    accept: Callable[..., Any], request_: tuple[dict[str, str], bytes]
) -> None:
    with pytest.raises(ValueError, match="too old"):
        accept(*request_, KEY, SENT + 301, {})
    fresh = {**request_[0], "X-Tingfeng-Timestamp": str(SENT + 301)}
    with pytest.raises(ValueError, match="signature"):
        accept(fresh, request_[1], KEY, SENT + 301, {})


def test_a_forged_one_is_refused(
    accept: Callable[..., Any], request_: tuple[dict[str, str], bytes]
) -> None:
    headers, body = request_
    with pytest.raises(ValueError, match="signature"):
        accept(headers, body.replace(b"38", b"99"), KEY, SENT, {})
    with pytest.raises(ValueError, match="signature"):
        accept(headers, body, b"another", SENT, {})


def test_our_own_repeat_is_signed_anew_and_known_by_its_id(accept: Callable[..., Any]) -> None:
    seen: dict[str, int] = {}
    with web() as receiver:
        sender(hook(receiver.url)).send(MESSAGE)
        later = replace(MESSAGE, repeat=True, at=NOW + timedelta(hours=3))
        sender(hook(receiver.url)).send(later)
    first, second = receiver.got
    assert accept(*first, KEY, SENT, seen)
    assert accept(*second, KEY, SENT + 3 * 3600, seen) is None
