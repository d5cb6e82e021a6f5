"""A damaged page is believed less: its feeling is drawn to not knowing, it is never grave alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data.facts import lenders
from data.model import Mention, Sentiment, SourceKind
from nlp.assess import Assessor
from nlp.explain import Explainer
from nlp.sentiment import Feeling
from nlp.trust import LOW, doubted, gravity, trust

NOW = datetime(2026, 11, 25, tzinfo=UTC)
ASSESSOR = Assessor(lenders())
PLAIN = (
    "澄湖消费金融的催收人員上門，用刀威脅說要打斷我的腿，還潑了紅油漆，"
    "全家人都嚇壞了，報了警也沒有用。"
)
GARBLED = (
    "澄湖消费金融的催收人員(yuán)上門(mén)，用刀威脅(xié)說(shuō)要打斷(duàn)我的腿，還(huán)潑了紅(hóng)油漆，"
    "全家人都嚇壞(huài)了，報(bào)了警也沒(méi)有用。"
)


def a_mention(text: str, kind: SourceKind) -> Mention:
    return Mention(source="s", native_id="1", kind=kind, url="", text=text, fetched_at=NOW)


def test_trust_falls_with_the_share_of_damage() -> None:
    assert trust({}) == 1
    assert trust({"garbled": [{"value": 0.1}, {"value": 0.05}]}) == 0.8
    assert trust({"garbled": [{"value": 0.9}]}) == 0.2


def test_a_feeling_is_drawn_to_not_knowing() -> None:
    sure = Feeling(0.9, 0.06, 0.04)
    assert doubted(sure, 1.0) is sure
    less = doubted(sure, 0.5)
    assert less.label is Sentiment.NEGATIVE
    assert abs(less.negative + less.neutral + less.positive - 1) < 1e-9
    assert abs(less.score - sure.score / 2) < 1e-3


@pytest.mark.parametrize(
    ("kind", "tags", "counts"),
    [
        (SourceKind.NEWS, ["threat_of_violence"], 3),
        (SourceKind.COMPLAINT, ["threat_of_violence"], 5),
        (SourceKind.REGULATOR, [], 5),
        (SourceKind.POST, ["self_harm_signal"], 5),
    ],
)
def test_a_page_of_little_trust_is_never_grave(
    kind: SourceKind, tags: list[str], counts: int
) -> None:
    assert gravity(5, LOW - 0.01, kind, tags) == counts
    assert gravity(5, LOW, kind, tags) == 5


def test_the_same_words_count_less_on_a_spun_page() -> None:
    [plain] = ASSESSOR.assess([a_mention(PLAIN, SourceKind.POST)], NOW)
    [spun] = ASSESSOR.assess([a_mention(GARBLED, SourceKind.POST)], NOW)
    assert set(plain.tags) == set(spun.tags) != set()
    assert plain.severity >= 4
    assert spun.severity == 3
    assert ASSESSOR.look(a_mention(PLAIN, SourceKind.POST)).trust == 1
    assert ASSESSOR.look(a_mention(GARBLED, SourceKind.POST)).trust < LOW


def test_a_person_is_told() -> None:
    explainer = Explainer(ASSESSOR)
    assert any("请先核对原文" in line for line in explainer.explain(GARBLED).lines())
    assert not any("可信度" in line for line in explainer.explain(PLAIN).lines())
