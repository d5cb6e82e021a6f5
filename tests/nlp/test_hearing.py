"""What others hear in a text moves the scores of the model of n-grams, where it is asked."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlp import hearing, tags
from nlp.hearing import Advice, AdvisedListener, hear
from nlp.matcher import Found
from nlp.tags import Levels, Listener, Scores

CALLS = "excessive_calls"
LEVELS = Levels(sure=0.5, alone=0.5, any=0.5)


class Spy:
    """Takes 铃 for calls, and remembers what it was asked."""

    tags: tuple[str, ...] = (CALLS, "any")
    files: tuple[Path, ...] = ()

    def __init__(self) -> None:
        self.asked: list[str] = []

    def read(self, texts: Sequence[str]) -> Iterator[tuple[Scores, Scores, Sequence[Any]]]:
        self.asked += texts
        for one in texts:
            odds = np.array([[9.0 if sign == "铃" else -9.0] * 2 for sign in one], np.float32)
            yield (
                np.zeros(3, np.float32),
                odds.reshape(-1, 2),
                [(n, n + 1) for n in range(len(one))],
            )


def test_each_sentence_is_heard_with_its_own_tokens_in_windows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text, where = "铃铃。安静。铃", [(0, 0, 2), (0, 3, 5), (0, 6, 7)]
    spy = Spy()
    assert hear(spy, [text], where)[:, 0].tolist() == pytest.approx([8.6, -9, 9], abs=0.5)
    assert spy.asked == [text]
    monkeypatch.setattr(hearing, "WINDOW", 5)
    assert hear(spy, [text], where)[2, 0] == pytest.approx(9)
    assert spy.asked[1:] == ["铃铃。安静。", "铃"]


def _heard(spy: Spy, asked: float, found: Sequence[Found] = ()) -> Sequence[str]:
    plain = Listener(tags.load(), [CALLS])
    listener = AdvisedListener(plain, Advice(spy, 0.1, LEVELS, asked=asked))
    text = "湖边下着雨，铃铃铃铃铃铃铃铃铃铃铃铃"
    [heard] = listener.heard([text], [[(0, len(text))]], [found], [True])
    return [match.name for match in heard.found]


def test_it_is_asked_only_where_something_may_be_alleged() -> None:
    spy = Spy()
    assert _heard(spy, asked=2.0) == []
    assert spy.asked == []
    assert _heard(spy, asked=-np.inf) == [CALLS]
    assert len(spy.asked) == 1


def test_it_is_asked_wherever_something_matched() -> None:
    spy = Spy()
    assert CALLS in _heard(spy, 2.0, [Found("physical_violence", 0, 2)])
    assert len(spy.asked) == 1
