"""The second opinion: asked where it pays, any model of a folder, absent without its extra."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from data.errors import InputError
from data.facts import allegations
from data.facts.lexicons import lexicons
from data.model import SourceKind
from nlp import sentiment, vote
from nlp.allegations import AllegationFinder
from nlp.doubts import Doubt
from nlp.hearing import Span, hear
from nlp.tags import Scores
from nlp.vote import Voted

Asked = Sequence[Sequence[Span]] | None
Read = tuple[Scores, Scores, Sequence[Span]]
SURE = ("", "催收天天打电话骚扰我家人，太过分了，骗人的平台，利息高得离谱")
CALLS = "excessive_calls"


class Spy:
    """A transformer that takes 好 for praise and 铃 for calls, and remembers what it was asked."""

    tags: tuple[str, ...] = (CALLS, "any")
    files: tuple[Path, ...] = ()

    def __init__(self) -> None:
        self.asked: list[str] = []

    def read(self, texts: Sequence[str], asked: Asked = None, /) -> Iterator[Read]:
        self.asked += texts
        for one in texts:
            said = np.array([0, 0, 9 * ("好" in one)], np.float32)
            odds = np.array([[9.0 if sign == "铃" else -9.0] * 2 for sign in one], np.float32)
            yield said, odds.reshape(-1, 2), [(n, n + 1) for n in range(len(one))]


def test_only_the_unsure_are_asked_and_then_both_count_the_same() -> None:
    model, spy = sentiment.load(), Spy()
    unsure = next(
        ("", one)
        for one in ("今天去了银行好", "他们公司说明了好", "这件事情好", "还行吧好", "办理了一下好")
        if max(vote._row(model.feel(one))) < vote.UNSURE
    )
    sure, voted = Voted(model, spy).feel_all([SURE, unsure])
    assert spy.asked == [vote.text(unsure)]
    assert sure == model.feel(SURE[1])
    before = model.feel(unsure[1])
    assert voted.positive == pytest.approx((before.positive + 1) / 2, abs=1e-3)
    assert voted.negative + voted.neutral + voted.positive == pytest.approx(1)


def test_names_are_read_as_somebody_and_the_title_comes_first() -> None:
    assert vote.text(("标题", f"{sentiment.SOMEBODY}來電")) == "标题。某某来电"


def test_it_adds_what_the_model_of_n_grams_half_hears_and_the_span_is_of_the_raw_text() -> None:
    text = "欠款的事。孩子寫作業，鈴铃铃，又是铃铃。"
    plain = AllegationFinder(allegations(), lexicons())
    voted = AllegationFinder(allegations(), lexicons(), opinion=Spy())
    before, after = (one.read(text, SourceKind.COMPLAINT).claims for one in (plain, voted))
    assert CALLS not in {claim.allegation for claim in before}
    [claim] = [claim for claim in after if claim.allegation == CALLS]
    assert text[claim.start : claim.end] in text[5:-1]


def test_what_the_transformer_is_sure_of_no_word_of_denial_undoes() -> None:
    doubtful = "欠款的事。他们没有一天打我五十个电话。"
    plain = AllegationFinder(allegations(), lexicons())
    voted = AllegationFinder(allegations(), lexicons(), opinion=Spy())
    left = plain.read(doubtful, SourceKind.COMPLAINT).left_out
    assert {out.doubt for out in left if out.claim.allegation == CALLS} == {Doubt.DENIED}
    for one, told in ((doubtful, False), (doubtful.replace("打", "铃铃铃铃铃铃铃铃打"), True)):
        found = {claim.allegation for claim in voted.read(one, SourceKind.COMPLAINT).claims}
        assert (CALLS in found) is told


def test_without_tags_it_has_no_say_in_allegations() -> None:
    class Mute(Spy):
        tags: tuple[str, ...] = ()

        def read(self, texts: Sequence[str], asked: Asked = None, /) -> Iterator[Read]:
            return ((said, odds[:, :0], spans) for said, odds, spans in super().read(texts, asked))

    text = "欠款的事。他们一天打我五十个电话。"
    voted = AllegationFinder(allegations(), lexicons(), opinion=Mute())
    plain = AllegationFinder(allegations(), lexicons())
    assert voted.read(text, SourceKind.COMPLAINT) == plain.read(text, SourceKind.COMPLAINT)


def test_the_tokenizer_in_the_repository_is_of_the_model_and_the_model_small() -> None:
    said = json.loads((vote.FOLDER / vote.TOKENIZER).read_text("utf-8"))
    assert len(said["model"]["vocab"]) == 9_649
    assert (vote.FOLDER / vote.MODEL).stat().st_size < 27_000_000
    assert f"{CALLS},".encode() in (vote.FOLDER / vote.MODEL).read_bytes()


def test_without_the_packages_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match="tingfeng\\[vote\\]"):
        vote.Transformer()


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"model\.onnx"):
        vote.Transformer(tmp_path)


def test_the_model_in_the_repository_reads() -> None:
    model = vote.Transformer()
    angry, pleased = vote.shares(
        model, [vote.text(SURE), vote.text(("", "客服态度很好，耐心解答了我的问题，点赞！"))]
    )
    assert angry.argmax() == 0
    assert pleased[0] < 0.3
    assert set(model.tags[:-1]) <= {one.id for one in allegations()}
    texts = ["他们一天打我五十个电话。我已经还清了。"]
    heard = hear(model, texts, [(0, 0, 11), (0, 12, 18)])
    calls = model.tags.index(CALLS)
    assert heard[0, calls] > 0 > heard[1, calls]


def test_a_text_is_read_alike_whatever_stands_beside_it() -> None:
    model, other = vote.Transformer(), "湖边的风很大，" * 60
    [alone] = vote.shares(model, [SURE[1]])
    assert np.array_equal(vote.shares(model, [other, SURE[1], "好"])[1], alone)
