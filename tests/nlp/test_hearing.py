"""What others hear in a text moves the scores of the model of n-grams, where it is asked."""

from collections.abc import Sequence

import numpy as np
import pytest

from nlp import hearing, tags
from nlp.hearing import Advice, AdvisedListener, Unsure, hear
from nlp.matcher import Found
from nlp.tags import Levels, Listener, Scores
from tests.nlp.test_vote import Spy

CALLS = "excessive_calls"
LEVELS = Levels(sure=0.5, alone=0.5, any=0.5)


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


def test_what_is_not_asked_about_is_read_only_around_the_rest() -> None:
    text, where = "铃铃。安静。铃", [(0, 0, 2), (0, 3, 5), (0, 6, 7), (1, 0, 1)]
    spy = Spy()
    heard = hear(spy, [text, "铃"], where, np.array([False, True, False, False]))
    assert spy.asked == [text]
    assert heard[:, 0].tolist() == [0, -9, 0, 0]


MODEL = tags.load()
TEXT = "湖边下着雨，铃铃铃铃铃铃铃铃铃铃铃铃"
WRONG = Found(CALLS, 0, 2)


class Told(tags.Tags):
    """A model of n-grams whose scores are given: of calls, and of anything."""

    def scores(self, sentences: Sequence[str], *_: object) -> Scores:
        given = np.zeros((len(sentences), len(self.names) + 1), np.float32)
        given[:, [self.names.index(CALLS), -1]] = self.offsets
        return given


def _asked(calls: float, anything: float, unsure: Unsure | None, *found: Found) -> bool:
    """Tell whether it is asked where the model of n-grams gives calls and anything such scores."""
    spy, given = Spy(), np.array([calls, anything], np.float32)
    told = Told(MODEL.names, MODEL.rows, MODEL.weights, MODEL.around, given)
    listener = AdvisedListener(Listener(told, [CALLS]), Advice(spy, 0.1, LEVELS, unsure=unsure))
    [heard] = listener.heard([TEXT], [[(0, len(TEXT))]], [found], [True])
    assert (CALLS in {match.name for match in heard.found}) is (bool(found) or bool(spy.asked))
    return bool(spy.asked)


UNSURE = Unsure(match=-0.1, unforeseen=0.1, any=0.3, sure=0.4)


@pytest.mark.parametrize(
    ("calls", "anything", "found", "asked"),
    [
        (0.2, 0.4, (), True),
        (0.2, 0.2, (), False),  # nothing seems to be alleged
        (0.0, 0.4, (), False),  # at most something else
        (0.0, 0.2, (WRONG,), True),  # a match that it doubts
        (-0.2, 0.2, (WRONG,), False),  # a match that it is sure is none
        (0.45, 0.2, (WRONG,), False),  # a match that it is sure of
    ],
)
def test_it_is_asked_where_the_n_grams_are_unsure(
    calls: float, anything: float, found: Sequence[Found], asked: bool
) -> None:
    assert _asked(calls, anything, UNSURE, *found) is asked
    assert _asked(calls, anything, None, *found)


@pytest.mark.parametrize("unsure", [0, 1])
def test_it_is_asked_about_the_unsure_sentence_alone(unsure: int) -> None:
    class Halves(Told):
        def scores(self, sentences: Sequence[str], *_: object) -> Scores:
            given = super().scores(sentences)
            given[1 - unsure] = 0
            return given

    given, many = np.array([0.2, 0.4], np.float32), len(TEXT)
    halves = Halves(MODEL.names, MODEL.rows, MODEL.weights, MODEL.around, given)
    advice = Advice(Spy(), 0.1, LEVELS, unsure=UNSURE)
    listener = AdvisedListener(Listener(halves, [CALLS]), advice)
    [heard] = listener.heard([TEXT * 2], [[(0, many), (many, 2 * many)]], [()], [True])
    assert {match.start // many for match in heard.found} == {unsure}
