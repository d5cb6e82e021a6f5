"""Another file of lenders or of allegations, tried on the mentions there were."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from data.errors import FactError
from data.facts.allegations import FILE as ALLEGATIONS
from data.facts.lenders import FILE as LENDERS
from data.model import Mention, SourceKind
from data.settings import Settings
from data.store import mentions, sampling
from data.store.db import Store
from nlp import rehearse, stage
from nlp.rehearse import rehearse_allegations, rehearse_lenders
from tests.conftest import KEY, NOW

SPAN = (NOW - timedelta(days=30), NOW)
TEXTS = {
    "1": "澄湖消费金融的催收两个人堵在我家门口一个多小时不走",
    "2": "昨天澄湖钓鱼协会在湖边开会，会费没交的请补交贷款",
    "3": "清波贷的利息太高了，客服说提前还款也要手续费",
    "4": "今天天气不错，出门走走",
}


@pytest.fixture
def settings(store: Store, tmp_path: Path) -> Settings:
    said = [
        Mention("heimao_public", key, SourceKind.POST, f"https://example.com/{key}", text, NOW,
                None if key == "3" else NOW - timedelta(days=int(key)))
        for key, text in TEXTS.items()
    ]  # fmt: skip
    old = Mention("heimao_public", "old", SourceKind.POST, "https://example.com/old",
                  "清波贷很久以前的事", NOW, NOW - timedelta(days=99))  # fmt: skip
    first = NOW - timedelta(hours=1)  # when all of it was first seen
    with store.write() as conn:
        mentions.save(conn, [*said, old], first, KEY)
    chosen = Settings(database=f"sqlite:///{store.file}", var=tmp_path)
    stage.run(store, chosen, NOW)
    return chosen


def changed(tmp_path: Path, original: Path, old: str, new: str) -> Path:
    text, file = original.read_text("utf-8"), tmp_path / original.name
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    return file


def test_a_new_name_would_count_and_a_namesake_no_longer(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    file = changed(tmp_path, LENDERS, "names: [湖光贷]", "names: [湖光贷, 清波贷]")
    file.write_text(file.read_text("utf-8").replace("[澄湖大闸蟹,", "[澄湖钓鱼协会, 澄湖大闸蟹,"))
    seen: list[tuple[int, int]] = []
    told = rehearse_lenders(store, settings, file, SPAN, lambda *one: seen.append(one)).told()
    assert (told["read"], told["of"], told["appear"], told["vanish"]) == (4, 4, 1, 1)
    assert told["names"] == {"chenghu": [1, 1]}
    words = {one["appears"]: one["words"] for one in told["examples"]}
    assert words[True] == "清波贷的利息太高了，客服说提前还款也要手续费"
    assert "澄湖钓鱼协会" in words[False]
    assert seen[-1] == (4, 4)


def test_the_same_files_change_nothing(store: Store, settings: Settings) -> None:
    assert rehearse_lenders(store, settings, LENDERS, SPAN).told()["names"] == {}
    told = rehearse_allegations(store, settings, ALLEGATIONS, SPAN).told()
    assert told["names"] == {}
    assert told["read"] == told["of"] == 2  # of those about a company


def test_an_allegation_appears_and_vanishes(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "allegations.yaml"
    text = ALLEGATIONS.read_text("utf-8")
    file.write_text(text.replace("abusive_visit", "visit_renamed"), "utf-8")
    told = rehearse_allegations(store, settings, file, SPAN).told()
    assert told["names"] == {"abusive_visit": [0, 1], "visit_renamed": [1, 0]}
    assert all(one["words"] in TEXTS["1"] for one in told["examples"])


def test_a_wrong_pattern_is_one_sentence(store: Store, settings: Settings, tmp_path: Path) -> None:
    text = ALLEGATIONS.read_text("utf-8")
    place = text.index("patterns:", text.index("- id: abusive_visit"))
    line = text.index("- ", place)
    file = tmp_path / "allegations.yaml"
    file.write_text(f"{text[:line]}- '(堵门'\n      {text[line:]}")
    with pytest.raises(FactError, match=r"allegations\.yaml: abusive_visit"):
        rehearse_allegations(store, settings, file, SPAN)


def test_a_sample_is_spread_over_the_span(store: Store, settings: Settings) -> None:
    with store.read() as conn:
        whole = sampling.drawn(conn, *SPAN, 100)
        two = sampling.drawn(conn, *SPAN, 2)
    assert (len(whole.ids), whole.of) == (4, 4)
    assert list(two.ids) == [whole.ids[0], whole.ids[2]]
    assert two.of == 4


def test_examples_show_a_few_words_on_each_side() -> None:
    body = "前" * 40 + "名字" + "后\n" * 40
    shown = rehearse.around(body, 40, 42)
    assert shown.startswith("…前")
    assert shown.endswith("…")
    assert "名字" in shown
    assert "\n" not in shown
