"""Settings are shown, tried on last month, and let count only by those who may; each is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard import editing, rehearsal, trials
from dashboard.rehearsal import NotTried
from dashboard.viewer import Right, Viewer
from data.errors import FactError
from data.facts.allegations import FILE as ALLEGATIONS
from data.facts.lenders import FILE as LENDERS
from data.facts.levels import FILE
from data.facts.telling import FILE as TELLING
from data.model import Level
from data.settings import Settings
from data.store import changes
from data.store.db import Store
from tests.dashboard import seeds
from tests.dashboard.test_views import html, look

ADMIN, ANALYST = Viewer("admin", Right.ADMIN), Viewer("analyst", Right.ACT)
MINUTE = timedelta(minutes=1)
LEVELS = FILE.read_text("utf-8")
NEW = LEVELS.replace("first_look_minutes: 30", "first_look_minutes: 20")


def real_now() -> datetime:
    """The page and the trial it starts go by the real clock."""
    return datetime.now(UTC)  # noqa: TID251  # as said


def test_a_trial_weighs_last_month_and_changes_nothing(site: Store, own: Settings) -> None:
    now = datetime.now(UTC)  # noqa: TID251  # the trial's clock is the real one
    seeds.month(site, now, days=3)
    with site.read() as conn:
        before = changes.listed(conn)
    found = rehearsal.rehearse(own, "levels", LEVELS)
    assert isinstance(found, trials.Levels)
    assert found.days == 30
    assert found.changed == ()
    assert set(found.channels) == {"公关群"}
    stricter = LEVELS.replace("    - {}", "    - {severity: 9}").replace(
        "- {burst_negative: 1}", "- {severity: 1}"
    )
    tried = rehearsal.rehearse(own, "levels", stricter)
    assert isinstance(tried, trials.Levels)
    assert {one.tried for one in tried.changed} == {Level.YELLOW}
    with site.read() as conn:
        assert changes.listed(conn) == before
    assert own.alerts.levels is not None
    assert own.alerts.levels.read_text("utf-8") == LEVELS


def test_a_mistake_is_told_before_anything_runs(own: Settings) -> None:
    with pytest.raises(FactError, match=r"^levels\.yaml: .*gravity"):
        rehearsal.rehearse(own, "levels", LEVELS.replace("severity: 4", "gravity: 4"))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("part", ["levels", "channels", "lenders", "allegations", "changes"])
def test_every_part_is_shown_and_no_secret(own: Settings, lang: str, part: str) -> None:
    assert own.file is not None
    at = look("settings", lang=lang, part=part)
    shown = html(at) + "".join(frame.value.to_csv() for frame in at.dataframe)
    assert {"levels": "◆", "channels": "公关群", "lenders": "湖光贷", "allegations": "5",
            "changes": ""}[part] in shown  # fmt: skip
    assert ('class="tf-whole"' in shown) == (part == "lenders")  # names stay on one line
    assert "hush-hush" not in shown
    assert "hook-key" not in shown


def test_a_trial_from_the_page(own: Settings) -> None:
    assert own.file is not None
    at = look("settings")
    at.text_area(key="policy_text_levels").set_value(NEW)
    at.button(key="policy_try_levels").click().run()
    assert not at.exception
    assert "级别都不变" in html(at)
    at.text_input(key="policy_why_levels").set_value("半小时太久").run()
    at.button(key="policy_adopt_levels").click().run()
    assert own.alerts.levels is not None
    assert own.alerts.levels.read_text("utf-8") == NEW
    assert "半小时太久" in html(look("settings", part="changes"))


def test_another_file_of_lenders_says_which_mentions_would_count(
    site: Store, own: Settings
) -> None:
    seeds.month(site, real_now(), days=3)
    seen: list[tuple[int, int]] = []
    text = LENDERS.read_text("utf-8").replace("names: [澄易借]", "names: [澄意借]")
    found = rehearsal.rehearse(own, "lenders", text, lambda *one: seen.append(one))
    assert isinstance(found, trials.Found)
    assert found.read == found.of == seen[-1][0] == seen[-1][1] > 0
    assert (found.appear, found.vanish) == (0, found.names["chenghu"][1])
    assert found.vanish > 0
    assert all("澄易借" in one.words and not one.appears for one in found.examples)


def test_another_allegation_says_which_tags_would_vanish(site: Store, own: Settings) -> None:
    seeds.month(site, real_now(), days=2)
    text = ALLEGATIONS.read_text("utf-8")
    was = editing.entry(text, "penalty_prepayment_fees")
    assert was.startswith("  - id: penalty_prepayment_fees\n")
    assert editing.with_entry(text, "penalty_prepayment_fees", was) == text
    renamed = text.replace("penalty_prepayment_fees", "prepayment_renamed")
    found = rehearsal.rehearse(own, "allegations", renamed)
    assert isinstance(found, trials.Found)
    assert set(found.names) == {"penalty_prepayment_fees", "prepayment_renamed"}
    appear, vanish = found.names["prepayment_renamed"]
    assert found.names["penalty_prepayment_fees"] == (vanish, appear)
    assert appear > vanish == 0


def test_another_way_of_telling_says_who_would_have_heard(site: Store, own: Settings) -> None:
    seeds.month(site, real_now(), days=3)
    assert own.file is not None
    assert own.file.read_text().count("lowest_level") == 1
    duty = "    en: PR on duty\n"
    text = TELLING.read_text("utf-8").replace(duty, f"{duty}    hears: [worse]\n")
    found = rehearsal.rehearse(own, "telling", text)
    assert isinstance(found, trials.Telling)
    assert found.incidents > 0
    assert {one.channel for one in found.changed} == {"公关群"}
    assert all("first" in one.today and "first" not in one.tried for one in found.changed)
    before, after = found.channels["公关群"]
    assert before > after


@pytest.mark.parametrize(
    ("kind", "file", "old", "new", "told"),
    [
        ("lenders", LENDERS, "names: [湖光贷]", "names: [湖]", r"^lenders\.yaml: huguangdai: n"),
        ("lenders", LENDERS, "owner: chenghu", "owner: nobody", r"^lenders\.yaml: .*owner"),
        ("telling", TELLING, "from:", "form:", r"^telling\.yaml: quiet\.from"),
        ("allegations", ALLEGATIONS, "severity: 4", "severity: 9",
         r"^allegations\.yaml: \w+: severity"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_field_and_remedy(
    own: Settings, kind: rehearsal.Kind, file: Path, old: str, new: str, told: str
) -> None:
    with pytest.raises(FactError, match=told):
        rehearsal.rehearse(own, kind, file.read_text("utf-8").replace(old, new))


def test_what_only_the_trial_can_see_is_told_too(own: Settings) -> None:
    text = TELLING.read_text("utf-8").replace("  duty:\n", "  staff:\n")
    with pytest.raises(NotTried, match="audience 'duty'"):
        rehearsal.rehearse(own, "telling", text)
    wrong = ALLEGATIONS.read_text("utf-8").replace(
        "    patterns:\n", "    patterns:\n      - '(门'\n", 1
    )
    with pytest.raises(NotTried, match=r"allegations\.yaml"):
        rehearsal.rehearse(own, "allegations", wrong)


def test_a_trial_that_takes_too_long_is_ended(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "PATIENCE_SECONDS", 0.05)
    with pytest.raises(NotTried, match="longer than"):
        rehearsal.rehearse(own, "levels", LEVELS)


@pytest.mark.parametrize(("lang", "said"), [("zh", "不再计入"), ("en", "would no longer")])
def test_lenders_are_tried_from_the_page(site: Store, own: Settings, lang: str, said: str) -> None:
    seeds.month(site, real_now(), days=2)
    at = look("settings", lang=lang, part="lenders")
    area = at.text_area(key="policy_text_lenders")
    area.set_value(str(area.value).replace("names: [澄易借]", "names: [澄意借]"))
    at.button(key="policy_try_lenders").click().run()
    assert not at.exception
    assert said in html(at)
    assert "澄易借" in html(at)
    area = at.text_area(key="policy_text_lenders")
    area.set_value("- slug: Bad").run()
    at.button(key="policy_try_lenders").click().run()
    assert "lenders.yaml: Bad: " in html(at)


def test_one_allegation_is_tried_from_the_page(site: Store, own: Settings) -> None:
    seeds.month(site, real_now(), days=2)
    at = look("settings", part="allegations")
    at.selectbox(key="policy_entry").set_value("disguised_fees").run()
    area = at.text_area(key="policy_text_disguised_fees")
    assert str(area.value).startswith("  - id: disguised_fees")
    at.button(key="policy_try_allegations").click().run()
    assert not at.exception
    assert "判断都不变" in html(at)
