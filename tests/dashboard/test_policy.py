"""Settings are shown, tried on last month, and let count only by those who may; each is written."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard import rehearsal
from dashboard.actions import NotAllowed
from dashboard.rehearsal import NotTried
from dashboard.viewer import Right, Viewer
from data.errors import FactError
from data.facts.levels import FILE
from data.model import Level
from data.settings import Settings, load
from data.store import changes
from data.store.db import Store
from tests.conftest import NOW
from tests.dashboard import seeds
from tests.dashboard.test_views import html, look

ADMIN, ANALYST = Viewer("admin", Right.ADMIN), Viewer("analyst", Right.ACT)
LEVELS = FILE.read_text("utf-8")
NEW = LEVELS.replace("first_look_minutes: 30", "first_look_minutes: 20")
CHANNEL = '[[channels]]\ntype = "webhook"\nname = "公关群"\nurl = "https://example.com/hook-key"\n'


@pytest.fixture
def own(site: Store, tmp_path: Path) -> Settings:
    """Settings with a file of levels of their own, and one channel."""
    shutil.copy(FILE, tmp_path / "levels.yaml")
    file = tmp_path / "settings.toml"
    written = f'{file.read_text()}[alerts]\nlevels = "{tmp_path / "levels.yaml"}"\n{CHANNEL}'
    file.write_text(f"{written}secret = 'hush-hush'\nlowest_level = 'orange'\n")
    return load(file)


def test_a_trial_weighs_last_month_and_changes_nothing(site: Store, own: Settings) -> None:
    now = datetime.now(UTC)  # noqa: TID251  # the trial's clock is the real one
    seeds.month(site, now, days=3)
    with site.read() as conn:
        before = changes.listed(conn)
    found = rehearsal.rehearse(own, LEVELS)
    assert found.days == 30
    assert found.changed == ()
    assert set(found.channels) == {"公关群"}
    stricter = LEVELS.replace("    - {}", "    - {severity: 9}").replace(
        "- {burst_negative: 1}", "- {severity: 1}"
    )
    tried = rehearsal.rehearse(own, stricter)
    assert {one.tried for one in tried.changed} == {Level.YELLOW}
    with site.read() as conn:
        assert changes.listed(conn) == before
    assert own.alerts.levels is not None
    assert own.alerts.levels.read_text("utf-8") == LEVELS


def test_a_mistake_is_told_before_anything_runs(own: Settings) -> None:
    with pytest.raises(FactError, match=r"^levels\.yaml: .*gravity"):
        rehearsal.rehearse(own, LEVELS.replace("severity: 4", "gravity: 4"))


def test_whoever_may_lets_it_count_and_it_is_written_down(site: Store, own: Settings) -> None:
    rehearsal.watch(site, own, NOW)
    rehearsal.watch(site, own, NOW)
    target = rehearsal.adopt(site, own, ADMIN, NEW, "半小时太久", NOW)
    assert target.read_text("utf-8") == NEW
    rehearsal.watch(site, own, NOW)
    with site.read() as conn:
        newest, *others = changes.listed(conn)
    assert (newest.name, newest.by, newest.note) == ("levels", "admin", "半小时太久")
    assert (newest.before, newest.after) == (LEVELS, NEW)
    assert sorted(one.name for one in others) == ["allegations", "lenders", "levels", "telling"]


def test_a_file_changed_by_hand_is_written_down_too(site: Store, own: Settings) -> None:
    rehearsal.watch(site, own, NOW)
    assert own.alerts.levels is not None
    own.alerts.levels.write_text(NEW, "utf-8")
    rehearsal.watch(site, own, NOW)
    with site.read() as conn:
        newest = changes.listed(conn)[0]
    assert newest.by == f"file:{own.alerts.levels.owner()}"
    assert newest.before == LEVELS


@pytest.mark.parametrize("why", ["", "  "])
def test_a_change_needs_a_reason(site: Store, own: Settings, why: str) -> None:
    with pytest.raises(ValueError, match="reason"):
        rehearsal.adopt(site, own, ADMIN, NEW, why, NOW)


def test_an_analyst_may_not_let_it_count(site: Store, own: Settings) -> None:
    with pytest.raises(NotAllowed):
        rehearsal.adopt(site, own, ANALYST, NEW, "想试试", NOW)
    assert own.alerts.levels is not None
    assert own.alerts.levels.read_text("utf-8") == LEVELS


def test_without_a_file_of_ones_own_nothing_is_replaced(site: Store, tmp_path: Path) -> None:
    with pytest.raises(NotTried, match=r"alerts\.levels"):
        rehearsal.adopt(site, load(tmp_path / "settings.toml"), ADMIN, NEW, "为什么", NOW)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("part", ["levels", "channels", "lenders", "allegations", "changes"])
def test_every_part_is_shown_and_no_secret(own: Settings, lang: str, part: str) -> None:
    assert own.file is not None
    at = look("settings", lang=lang, part=part)
    shown = html(at) + "".join(frame.value.to_csv() for frame in at.dataframe)
    assert {"levels": "◆", "channels": "公关群", "lenders": "湖光贷", "allegations": "5",
            "changes": ""}[part] in shown  # fmt: skip
    assert "hush-hush" not in shown
    assert "hook-key" not in shown


def test_a_trial_from_the_page(own: Settings) -> None:
    assert own.file is not None
    at = look("settings")
    at.text_area(key="policy_text").set_value(NEW)
    at.button(key="policy_try").click().run()
    assert not at.exception
    assert "级别都不变" in html(at)
    at.text_input(key="policy_why").set_value("半小时太久").run()
    at.button(key="policy_adopt").click().run()
    assert own.alerts.levels is not None
    assert own.alerts.levels.read_text("utf-8") == NEW
    assert "半小时太久" in html(look("settings", part="changes"))
