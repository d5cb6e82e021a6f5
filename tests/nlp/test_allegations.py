"""The taxonomy carries its own tests; and what only looks like an allegation is none."""

import pytest

from data.facts import allegations
from data.facts.lexicons import lexicons
from data.model import SourceKind
from nlp.allegations import AllegationFinder
from nlp.doubts import Doubt
from nlp.readings import Reading

FINDER = AllegationFinder(allegations(), lexicons())
HITS = [(a.id, text) for a in allegations() for text in a.spec["hits"]]
MISSES = [(a.id, text) for a in allegations() for text in a.spec["misses"]]


def ids(reading: Reading) -> set[str]:
    return {claim.allegation for claim in reading.claims}


@pytest.mark.parametrize(("allegation", "text"), HITS)
def test_hits(allegation: str, text: str) -> None:
    assert allegation in ids(FINDER.read(text, SourceKind.COMPLAINT))


@pytest.mark.parametrize(("allegation", "text"), MISSES)
def test_misses(allegation: str, text: str) -> None:
    assert allegation not in ids(FINDER.read(text, SourceKind.POST))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("广告写的额度跟我到手的一样", False),
        ("宣传的利率和合同里的一致", False),
        ("广告写的额度跟我到手的不一样", True),
        ("宣传说低息，实际利率和高利贷一样", True),
    ],
)
def test_an_advertisement_that_says_true_misleads_nobody(text: str, told: bool) -> None:
    assert ("misleading_advertising" in ids(FINDER.read(text, SourceKind.COMPLAINT))) is told


def test_all_seventy_are_here() -> None:
    assert len(allegations()) == 70
    assert len({a.group for a in allegations()}) == 19


@pytest.mark.parametrize(
    ("text", "allegation", "doubt"),
    [
        ("催收从未爆通讯录", "contact_list_blast", Doubt.DENIED),
        ("催收过程中严禁骚扰家人", "family_harassment", Doubt.DENIED),
        ("如果逾期，催收给我家人打电话", "family_harassment", Doubt.SUPPOSED),
        ("会不会骚扰我的家人？逾期三天", "family_harassment", Doubt.ASKED),
        ("我要把这家网贷发到抖音曝光", "social_media_exposure", Doubt.REVERSED),
        ("投资者上门讨债，贷款平台大门紧闭", "abusive_visit", Doubt.REVERSED),
        ("我向监管局举报了这家违规催收的平台", "malicious_reporting", Doubt.REVERSED),
        ("他们骚扰我家人", "family_harassment", Doubt.NO_DEBT),
        ("借款逾期了。\n【诉求】处罚；停止暴力催收", "unspecified_harassment", Doubt.DEMAND),
        ("被催收骚扰家人？专业团队代协商，不成功不收费，加V", "family_harassment", Doubt.CONTEXT),
        ("暴力催收，天天打给我妈", "unspecified_harassment", Doubt.UNSPECIFIC),
    ],
)
def test_left_out_with_a_reason(text: str, allegation: str, doubt: Doubt) -> None:
    kind = SourceKind.COMPLAINT if doubt is Doubt.DEMAND else SourceKind.POST
    reading = FINDER.read(text, kind)
    assert allegation not in ids(reading)
    assert doubt in {out.doubt for out in reading.left_out if out.claim.allegation == allegation}


def test_an_announced_act_is_a_threat() -> None:
    text = "催收说再不还就爆通讯录"
    reading = FINDER.read(text, SourceKind.COMPLAINT)
    assert ids(reading) == {"threat_family_future"}


@pytest.mark.parametrize(
    "text",
    [
        "你们再逼我还款我就死给你们看",
        "催收天天打，我今天就在你们公司楼顶",
        "被催得抑郁复发，手腕上又添了几道",
        "贷款还不完，我先走了，孩子拜托给爸妈",
    ],
)
def test_self_harm_is_heard_in_plain_words(text: str) -> None:
    assert "self_harm_signal" in ids(FINDER.read(text, SourceKind.COMPLAINT))


def test_a_meeting_on_a_roof_is_no_sign_of_self_harm() -> None:
    text = "贷款的事见面说，我就在楼顶咖啡厅等你"
    assert not ids(FINDER.read(text, SourceKind.COMPLAINT))


def test_self_harm_surfaces_in_any_context() -> None:
    text = "债务优化代协商，加V，不成功不收费。我被催收逼得不想活了"
    assert "self_harm_signal" in ids(FINDER.read(text, SourceKind.POST))


@pytest.mark.parametrize(
    "text",
    [
        "他们把我的通訊錄爆了，催收太狠",
        "崔*收爆了我的通-讯-录",
        "催收爆我txl",
        "bao\u200b催收爆\u200b通讯录",
    ],
)
def test_evasions_are_seen_through_and_the_quote_is_raw(text: str) -> None:
    reading = FINDER.read(text, SourceKind.COMPLAINT)
    claims = [
        c for c in reading.claims if c.allegation in {"contact_list_blast", "threat_family_future"}
    ]
    assert all(0 <= claim.start < claim.end <= len(text) for claim in claims)
    assert claims or "讯" not in text


def test_a_named_lender_is_context_enough() -> None:
    text = "澄湖天天给我妈打电话骚扰"
    assert ids(FINDER.read(text, SourceKind.POST)) == set()
    assert "family_harassment" in ids(FINDER.read(text, SourceKind.POST, [(0, 2)]))


def test_a_complaint_title_is_a_slogan_once_the_text_speaks() -> None:
    title = FINDER.read("利息太高", SourceKind.COMPLAINT)
    text = FINDER.read("天天给我妈打催收电话", SourceKind.COMPLAINT)
    title, text = FINDER.together(title, text, SourceKind.COMPLAINT)
    assert ids(title) == set()
    assert "family_harassment" in ids(text)
