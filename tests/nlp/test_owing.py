"""Money owed is heard without its words; reviews and other quarrels are not taken for it."""

from pathlib import Path

import numpy as np
import pytest

from data.facts import allegations
from data.facts.lexicons import lexicons
from data.fold import fold
from data.model import SourceKind
from nlp import owing, train_owing
from nlp.allegations import AllegationFinder
from nlp.doubts import Doubt

FINDER = AllegationFinder(allegations(), lexicons())
TOLD = [
    "那伙人把电话打到我岳母那里，说我在外面躲账，老人家当场血压就上来了。",
    "天天换号码打，一天几十个，单位前台都认得他们声音了。",
    "两个男的堵在我家楼道里不走，跟邻居说我拿了钱不认，我女儿吓得不敢出门。",
]
ELSEWHERE = [
    "酒店前台半夜给我房间打了三个电话，问要不要续住，第二天头都是疼的。",
    "外卖小哥打了五个电话我没接到，他把饭放在邻居家门口了，态度还挺好。",
    "楼上装修从早吵到晚，找物业说了三回，没一个人管，气得我血压都高了。",
]


def spoken_of(text: str) -> bool:
    return bool(FINDER.known.debt.find_matches_as_indexes(fold(text)))


@pytest.mark.parametrize("text", TOLD)
def test_what_they_did_is_heard_without_a_word_of_debt(text: str) -> None:
    assert not spoken_of(text)
    assert FINDER.read(text, SourceKind.POST).claims


@pytest.mark.parametrize("text", ELSEWHERE)
def test_other_quarrels_are_none_of_ours(text: str) -> None:
    assert not spoken_of(text)
    assert FINDER.read(text, SourceKind.POST).claims == ()


def test_of_a_long_page_and_of_a_few_words_it_is_not_asked() -> None:
    few = "他们天天打给我妈骂人"
    left = FINDER.read(few, SourceKind.POST)
    assert left.claims == ()
    assert {out.doubt for out in left.left_out} == {Doubt.NO_DEBT}
    page = "房间很大，早餐一般，窗外能看到湖。" * 40 + TOLD[1]
    assert FINDER.read(page, SourceKind.POST).claims == ()


@pytest.mark.parametrize(
    "text",
    [
        "真的撑不下去了，昨晚在天台坐了两个小时，觉得跳下去就都结束了",
        "遗书写好了，等孩子睡着我就走，下辈子不这样活了",
    ],
)
def test_who_wants_to_die_is_heard_whatever_else_is_said(text: str) -> None:
    assert not spoken_of(text)
    claims = FINDER.read(text, SourceKind.POST).claims
    assert {claim.allegation for claim in claims} == {"self_harm_signal"}


@pytest.mark.parametrize(
    "text",
    [
        "工人讨装修款遭业主数落 当场吞20余片安眠药",
        "失恋了想自杀就喝这个牛奶，一瓶见效哈哈",
        "老人炒股亏光积蓄割腕自杀(图)",
    ],
)
def test_but_not_where_news_or_a_joke_says_so(text: str) -> None:
    assert FINDER.read(text, SourceKind.OTHER).claims == ()


def test_a_refund_may_be_owed_by_any_trade() -> None:
    text = "说了退款也不退，一点都不讲诚信"
    assert 0 < owing.load().scores([fold(text)])[0] < owing.LIKELY
    assert FINDER.read(text, SourceKind.POST).claims == ()


def test_a_few_words_are_enough_where_the_model_is_sure() -> None:
    few = "早上六点半就打电话来催，有病吧"
    assert len(few) < owing.TELLING
    assert not spoken_of(few)
    [claim] = FINDER.read(few, SourceKind.POST).claims
    assert claim.allegation == "prohibited_hours"


def test_learns_without_the_words_and_survives_its_file(tmp_path: Path) -> None:
    told, other = [f"{text}催收逾期" for text in TOLD], ELSEWHERE
    assert not any("催收" in text or "逾期" in text for text in train_owing.bare(told))
    texts = [*train_owing.bare(told), *map(fold, other)]
    truth = np.arange(len(texts)) < len(told)
    model = train_owing.fitted(texts, truth)
    assert (model.scores(texts) > 0).tolist() == truth.tolist()
    model.save(tmp_path / "owing.npz")
    again = owing.load(tmp_path / "owing.npz")
    assert again.scores(texts) == pytest.approx(model.scores(texts), abs=0.1)


def test_no_row_of_the_test_half_is_learnt() -> None:
    from nlp import gold

    folder = Path(__file__).parents[1] / "gold"
    owed, other = train_owing.own(folder)
    kept = {item.text for name in gold.SETS for item in gold.load(folder, name, "test")}
    assert kept.isdisjoint(owed)
    assert kept.isdisjoint(other)
    assert len(owed) > len(other) > 0
