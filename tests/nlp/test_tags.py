"""The model beside the patterns: what it adds, what it takes away, and that it is reproducible."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.facts import allegations
from data.facts.lexicons import lexicons
from data.model import SourceKind
from nlp import gold, tags, train_tags
from nlp.allegations import AllegationFinder
from nlp.doubts import Doubt
from nlp.matcher import Found
from nlp.readings import Claim, Reading
from nlp.tags import Listener
from nlp.train_tags import Lesson, trained

GOLD = Path(__file__).parents[1] / "gold"
CALLS, BEATING = "excessive_calls", "physical_violence_detention"
VAGUE = "unspecified_harassment"
TAUGHT = [
    Lesson(text, frozenset(told), "voice")
    for text, told in [
        ("他们一天打我五十个电话", {CALLS}),
        ("一天打来四十个电话催我", {CALLS}),
        ("一早上打了三十个电话", {CALLS}),
        ("上来就给我一拳", {BEATING}),
        ("把我按在地上打", {BEATING}),
        ("打得我鼻子流血", {BEATING}),
        ("客服电话一打就通", set()),
        ("昨天还清了贷款", set()),
        ("请问怎么提前还款?", set()),
    ]
] * 3


def test_the_same_lessons_give_the_same_model_and_it_survives_its_file(tmp_path: Path) -> None:
    model = trained(TAUGHT)
    assert np.array_equal(model.weights, trained(TAUGHT).weights)
    model.save(tmp_path / "tags.npz")
    texts = [lesson.text for lesson in TAUGHT[:9]]
    read = tags.load(tmp_path / "tags.npz")
    assert read.names == model.names
    each = range(len(texts))
    assert np.abs(read.scores(texts, each) - model.scores(texts, each)).max() < 0.05


def test_hears_what_was_taught_and_says_which_words() -> None:
    model = trained(TAUGHT)
    number = model.names.index(CALLS)
    text = "孩子睡着了,他们一天打我四十个电话,烦死了"
    scores = model.scores([text, "客服电话一打就通"], [0, 1])
    assert scores[0, number] > scores[1, number] + 0.2
    start, end = model.strongest(text, number)
    assert "个电话" in text[start:end]
    assert "孩子" not in text[start:end]


def test_what_stands_around_a_sentence_counts_and_other_texts_do_not() -> None:
    model = trained(
        [
            *TAUGHT,
            *[Lesson("没完没了", frozenset({CALLS}), "v", page=f"电话 {n}") for n in range(6)],
            *[Lesson("电话不断", frozenset({CALLS}), "v", page=f"电话 {n}") for n in range(6)],
            *[Lesson("没完没了", frozenset(), "v", page=f"雨 {n}") for n in range(6)],
            *[Lesson("下着大雨", frozenset(), "v", page=f"雨 {n}") for n in range(6)],
        ]
    )
    number = model.names.index(CALLS)
    texts = ["没完没了", "电话不断", "没完没了", "下着大雨"]
    scores = model.scores(texts, [0, 0, 1, 1])[:, number]
    assert scores[0] > scores[2] + 0.2
    assert np.allclose(scores[:2], model.scores(texts[:2], [7, 7])[:, number], atol=1e-5)


def test_a_sentence_that_is_all_of_its_text_asks_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    listener = Listener(trained(TAUGHT), [CALLS, BEATING])
    text = "他们一天打我五十个电话"

    def added(alone: float) -> list[str]:
        # so few lessons make nobody sure that anything is alleged
        monkeypatch.setattr(Listener, "levels", tags.Levels(alone=alone, any=0.3))
        [heard] = listener.heard([text], [[(0, len(text))]], [[]], [True])
        return [match.name for match in heard.found]

    assert added(0.3) == [CALLS]
    assert added(2.0) == []


def test_leaves_out_the_unlikely_and_adds_the_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Listener, "levels", tags.Levels(sure=0.3))
    listener = Listener(trained(TAUGHT), [CALLS, BEATING])
    text = "昨天还清了贷款。他们一天打我五十个电话"
    wrong = Found(BEATING, 2, 4)
    [heard] = listener.heard([text], [[(0, 7), (8, 19)]], [[wrong]], [True])
    assert heard.unlikely == {wrong}
    [added] = [match for match in heard.found if match != wrong]
    assert added.name == CALLS
    assert heard.shown(added) == (8, 19)
    [untouched] = listener.heard([text], [[(0, 7), (8, 19)]], [[wrong]], [False])
    assert untouched.found == [wrong]
    assert not untouched.unlikely


def test_what_patterns_find_and_the_model_disbelieves_is_left_out_with_the_reason() -> None:
    silent = trained([Lesson(one.text, frozenset(), "voice") for one in TAUGHT])
    finder = AllegationFinder(allegations(), lexicons(), tags=silent)
    reading = finder.read("催收把我通讯录里的人挨个打了一遍", SourceKind.COMPLAINT)
    assert not reading.claims
    assert {out.doubt for out in reading.left_out} == {Doubt.UNLIKELY}


def test_a_sign_of_self_harm_is_shown_whatever_the_model_makes_of_it() -> None:
    silent = trained([Lesson(one.text, frozenset(), "voice") for one in TAUGHT])
    finder = AllegationFinder(allegations(), lexicons(), tags=silent)
    reading = finder.read("被催收逼得不想活了，遗书都写好了", SourceKind.COMPLAINT)
    assert {claim.allegation for claim in reading.claims} == {"self_harm_signal"}


def test_what_is_not_wanted_and_alleges_nothing_is_not_reckoned() -> None:
    model = trained(TAUGHT)
    texts = [one.text for one in TAUGHT]
    each = range(len(texts))
    every = model.scores(texts, each)
    some = model.scores(texts, each, np.zeros(len(texts), bool))
    alleging = every[:, -1] > tags.ANY
    assert np.allclose(some[alleging], every[alleging], atol=1e-5)
    assert not some[~alleging, :-1].any()
    assert np.allclose(some[:, -1], every[:, -1], atol=1e-5)


def test_a_wording_that_no_pattern_knows_is_found_by_the_model_alone() -> None:
    finder = AllegationFinder(allegations(), lexicons())
    text = "问他们要张还清的凭据，拖了我三个月还是没有"
    with_model = {claim.allegation for claim in finder.read(text, SourceKind.COMPLAINT).claims}
    assert with_model == {"settlement_proof_withheld"}


@pytest.mark.parametrize(
    ("near", "found"), [("分期", set()), ("欠款", {"settlement_proof_withheld"})]
)
def test_on_a_long_page_the_model_alone_asks_for_plain_words_of_debt(
    near: str, found: set[str]
) -> None:
    assert near in {*lexicons().debt_context, *lexicons().strict_debt_context}
    page = "房间很大，早餐一般，窗外能看到湖，" * 20 + "。"
    text = f"{page}{near}的事。我的账还完了，跟他们要张还清的凭据，拖了三个月都不肯给。"
    claims = AllegationFinder(allegations(), lexicons()).read(text).claims
    assert {claim.allegation for claim in claims} == found


def test_of_loans_a_short_text_may_talk_of_money_in_any_words() -> None:
    assert "额度" not in lexicons().strict_debt_context
    text = "我就点了下看看额度，钱直接给我打卡里了，这也行？"
    claims = AllegationFinder(allegations(), lexicons()).read(text, SourceKind.POST).claims
    assert {claim.allegation for claim in claims} == {"induced_borrowing"}


def test_lessons_name_known_allegations_often_enough_and_are_no_gold() -> None:
    lessons = train_tags.lessons()
    known = {allegation.id for allegation in allegations()}
    counts = Counter(name for lesson in lessons for name in lesson.allegations)
    assert set(counts) == known
    assert min(counts.values()) >= 25
    assert len({lesson.text for lesson in lessons}) == len(lessons)
    labelled = {item.text for name in gold.SETS for item in gold.load(GOLD, name)}
    assert labelled.isdisjoint(lesson.text for lesson in lessons)


@pytest.mark.parametrize("block", [7, 64, 500])
def test_a_system_is_solved_block_by_block(block: int) -> None:
    chance = np.random.default_rng(1)
    rows = chance.normal(size=(300, 90))
    system, wanted = rows @ rows.T + 0.3 * np.eye(300), chance.normal(size=(300, 4))
    lower = train_tags.factored(system.astype(np.float32), block)
    found, missed = np.zeros_like(wanted), []
    for _ in range(train_tags.REFINED):
        found += train_tags.substituted(lower, wanted - system @ found, block)
        missed.append(np.abs(system @ found - wanted).max())
    assert missed[-1] < missed[0] / 1e3
    assert missed[-1] < 1e-8


def test_a_lone_sentence_of_a_few_characters_tells_the_model_nothing() -> None:
    found = AllegationFinder(allegations(), lexicons()).read(
        "预期收益未必达到", SourceKind.COMPLAINT
    )
    assert found.claims == ()


class _Deaf(Listener):
    """A listener whose scores are given."""

    def __init__(self, listener: Listener, scores: tags.Scores) -> None:
        vars(self).update(vars(listener))
        self._given = scores

    def _scores(self, *_: object) -> tags.Scores:
        return self._given


def test_the_faintest_weights_are_not_kept(tmp_path: Path) -> None:
    steps = np.array([[127.0], [2.0], [1.0], [-1.0], [-2.0]], np.float32)
    columns = np.arange(5)
    tags.assembled(("calls",), columns, steps, -steps, np.zeros(1, np.float32)).save(
        tmp_path / "tags.npz"
    )
    again = tags.load(tmp_path / "tags.npz")
    assert again.weights[1:, 0].tolist() == pytest.approx([127, 2, 0, 0, -2])
    assert again.around[1:, 0].tolist() == pytest.approx([-127, -2, 0, 0, 2])


def test_what_is_gravest_is_doubted_last() -> None:
    model = tags.load()
    number = {name: n for n, name in enumerate(model.names)}
    listener = Listener(model, model.names, (), (), {BEATING})
    scores = np.zeros((1, len(model.names) + 1), np.float32)
    scores[0, [number[BEATING], number[CALLS]]] = (tags.KEPT + tags.LEAST) / 2
    both = [Found(BEATING, 0, 2), Found(CALLS, 2, 4)]
    heard = _Deaf(listener, scores).heard(["他们打人，天天打电话"], [[(0, 10)]], [both], [True])
    assert heard[0].unlikely == {both[1]}


def test_what_it_is_sure_of_is_believed_vague_words_never() -> None:
    model = tags.load()
    number = {name: n for n, name in enumerate(model.names)}
    scores = np.zeros((1, len(model.names) + 1), np.float32)
    scores[0, [number[CALLS], number[VAGUE]]] = tags.BELIEVED + 0.01
    both = [Found(CALLS, 0, 2), Found(VAGUE, 2, 4)]
    listener = _Deaf(Listener(model, model.names), scores)
    assert listener.heard(["他们骚扰，天天打电话"], [[(0, 10)]], [both], [True])[0].believed == {
        both[0]
    }


def test_a_believed_claim_keeps_its_name_beside_an_apter_one() -> None:
    """What is believed is told although the taxonomy lets it yield to a neighbour close by."""
    finder = AllegationFinder(allegations(), lexicons())
    yields = next(a for a in allegations() if a.spec["yields_to"])
    other = yields.spec["yields_to"][0]
    plain = Claim(yields.id, 0, 5), Claim(other, 3, 9)
    assert [c.allegation for c in finder._settled(Reading(plain, ())).claims] == [other]
    sure = replace(plain[0], believed=True), plain[1]
    assert finder._settled(Reading(sure, ())).claims == sure
