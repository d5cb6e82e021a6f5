from __future__ import annotations

import pytest

from alerts.voices import voices
from tests.alerts.conftest import item
from tests.conftest import NOW

STORY = "昨天上午来了三个人堵在我家档口，一直站到中午，说不还钱就不走，街坊都看见了"
OTHER = "会员费每个月自动扣三十九块，客服让我找合作方，合作方又让我找客服，退不了"


@pytest.mark.parametrize(
    ("why", "said", "count"),
    [
        ("two people, two stories", [("a", STORY), ("b", OTHER)], 2),
        ("one person twice", [("a", STORY), ("a", OTHER)], 1),
        ("many accounts, one text", [(str(n), STORY) for n in range(30)], 1),
        ("copies with a tail", [(str(n), f"{STORY}！！{n}") for n in range(30)], 1),
        ("full width and blanks are the same text", [("a", STORY), ("b", " ".join(STORY))], 1),
        ("unknown authors are different people", [("", STORY), ("", OTHER)], 2),
        ("nobody", [], 0),
    ],
)
def test_one_author_or_one_text_is_one_voice(
    why: str, said: list[tuple[str, str]], count: int
) -> None:
    items = [
        item(n, NOW, author=author, text=text) for n, (author, text) in enumerate(said, start=1)
    ]
    assert voices(items) == count, why
