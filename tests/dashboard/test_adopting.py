"""A change of settings is let count only by those who may, checked again, written, taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.policy import channels_of
from dashboard import editing, rehearsal, words
from dashboard.actions import NotAllowed
from dashboard.naming import Naming
from dashboard.rehearsal import NotTried, Proposal
from dashboard.shared import facts
from dashboard.viewer import Right, Viewer
from data.facts.allegations import FILE as ALLEGATIONS
from data.facts.lenders import FILE as LENDERS
from data.facts.levels import FILE
from data.model import Level
from data.settings import Settings, load
from data.store import changes
from data.store.db import Store
from tests.conftest import NOW
from tests.dashboard import seeds
from tests.dashboard.test_views import html, look

ADMIN, ANALYST = Viewer("admin", Right.ADMIN), Viewer("analyst", Right.ACT)
MINUTE = timedelta(minutes=1)
LEVELS = FILE.read_text("utf-8")
NEW = LEVELS.replace("first_look_minutes: 30", "first_look_minutes: 20")


def adopt(site: Store, own: Settings, kind: rehearsal.Kind, text: str, why: str = "试试",
          viewer: Viewer = ADMIN) -> Path:  # fmt: skip
    """Let a text count in place of the file as it is."""
    was = rehearsal.files(own)[kind].read_text("utf-8")
    return rehearsal.adopt(site, own, viewer, Proposal(kind, was, text, why), NOW)


def test_whoever_may_lets_it_count_and_it_is_written_down(site: Store, own: Settings) -> None:
    rehearsal.watch(site, own, NOW)
    rehearsal.watch(site, own, NOW)
    target = adopt(site, own, "levels", NEW, "半小时太久")
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
        adopt(site, own, "levels", NEW, why)


def test_an_analyst_may_not_let_it_count(site: Store, own: Settings) -> None:
    with pytest.raises(NotAllowed):
        adopt(site, own, "levels", NEW, viewer=ANALYST)
    assert own.alerts.levels is not None
    assert own.alerts.levels.read_text("utf-8") == LEVELS


@pytest.mark.parametrize(
    ("kind", "setting"),
    [("levels", r"alerts\.levels"), ("telling", r"alerts\.telling"), ("lenders", "`lenders`"),
     ("allegations", "`allegations`")],
)  # fmt: skip
def test_without_a_file_of_ones_own_nothing_is_replaced(
    site: Store, tmp_path: Path, kind: rehearsal.Kind, setting: str
) -> None:
    bare = load(tmp_path / "settings.toml")
    text = rehearsal.files(bare)[kind].read_text("utf-8")
    with pytest.raises(NotTried, match=setting):
        adopt(site, bare, kind, f"{text}# mine\n")


def test_lenders_are_let_count(site: Store, own: Settings) -> None:
    text = LENDERS.read_text("utf-8").replace("names: [湖光贷]", "names: [湖光贷, 清波贷]")
    target = adopt(site, own, "lenders", text, "新产品")
    assert target.read_text("utf-8") == text
    with site.read() as conn:
        assert (changes.listed(conn)[0].name, changes.listed(conn)[0].note) == ("lenders", "新产品")


def test_allegations_are_let_count_and_what_runs_reads_them_at_once(
    site: Store, own: Settings
) -> None:
    before = Naming(words.load("zh"), {}, {}, {}, {}, {}).levels
    assert facts(own).allegations["disguised_fees"].severity == 3
    text = ALLEGATIONS.read_text("utf-8")
    was = editing.entry(text, "disguised_fees")
    graver = editing.with_entry(text, "disguised_fees", was.replace("severity: 3", "severity: 4"))
    target = adopt(site, own, "allegations", graver, "改为严重")
    assert facts(own).allegations["disguised_fees"].severity == 4
    assert target == own.allegations
    with site.read() as conn:
        newest = changes.listed(conn)[0]
    assert (newest.name, newest.by, newest.after) == ("allegations", "admin", graver)
    adopt(site, own, "levels", NEW)
    now = facts(own).levels[Level.ORANGE].first_look
    assert (before[Level.ORANGE].first_look, now) == (30 * MINUTE, 20 * MINUTE)


def test_the_file_keeps_who_may_read_it(site: Store, own: Settings) -> None:
    assert own.alerts.levels is not None
    own.alerts.levels.chmod(0o640)
    assert adopt(site, own, "levels", NEW).stat().st_mode & 0o777 == 0o640


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    site: Store, own: Settings
) -> None:
    mine = Proposal("levels", LEVELS, NEW, "半小时太久")
    adopt(site, own, "levels", LEVELS.replace("first_look_minutes: 30", "first_look_minutes: 25"))
    with pytest.raises(NotTried, match="changed meanwhile"):
        rehearsal.adopt(site, own, ADMIN, mine, NOW)
    with site.read() as conn:
        assert len(changes.listed(conn)) == 1


@pytest.mark.parametrize(
    ("kind", "old", "new", "said"),
    [
        ("lenders", "role: customer", "role: rival", "role: customer"),
        ("telling", "  duty:\n", "  staff:\n", "audience 'duty'"),
        ("telling", "channels: {}", "channels: {公关: {lowest_level: red}}", "channels: 公关: "),
        ("allegations", "    patterns:\n", "    patterns:\n      - '(门'\n", "allegations.yaml"),
        ("allegations", "    hits:\n", "    hits:\n      - 今天天气很好\n", "今天天气很好"),
    ],
)  # fmt: skip
def test_what_would_stop_the_stages_does_not_count(
    site: Store, own: Settings, kind: rehearsal.Kind, old: str, new: str, said: str
) -> None:
    was = rehearsal.files(own)[kind].read_text("utf-8")
    assert old in was
    with pytest.raises(NotTried, match=said) as told:
        adopt(site, own, kind, was.replace(old, new))
    assert "tingfeng" not in str(told.value)  # no path of the trial's own folder
    assert rehearsal.files(own)[kind].read_text("utf-8") == was


def test_a_change_is_taken_back_from_the_page(site: Store, own: Settings) -> None:
    rehearsal.watch(site, own, NOW)
    adopt(site, own, "levels", NEW, "半小时太久")
    with site.read() as conn:
        key = changes.listed(conn)[0].id
    at = look("settings", part="changes")
    assert at.button(key=f"policy_adopt_back_{key}").disabled
    at.text_input(key=f"policy_why_back_{key}").set_value("还是太急").run()
    at.button(key=f"policy_adopt_back_{key}").click().run()
    assert not at.exception
    assert own.alerts.levels is not None
    assert own.alerts.levels.read_text("utf-8") == LEVELS
    with site.read() as conn:
        newest = changes.listed(conn)[0]
    assert (newest.note, newest.before, newest.after) == ("还是太急", NEW, LEVELS)
    keys = [str(one.key) for one in look("settings", part="changes").button]
    assert f"policy_adopt_back_{key}" not in keys  # it says that already
    assert f"policy_adopt_back_{newest.id}" in keys


def test_a_channel_s_level_is_chosen_tried_and_let_count(site: Store, own: Settings) -> None:
    seeds.month(site, datetime.now(UTC), days=3)  # noqa: TID251  # the trial's clock is the real one
    at = look("settings", part="channels")
    at.selectbox(key="policy_level_公关群").set_value("red").run()
    at.selectbox(key="policy_for_公关群").set_value("executives").run()
    area = str(at.text_area(key="policy_text_telling").value)
    assert "channels:\n  公关群:\n    lowest_level: red\n    audience: executives\n" in area
    at.button(key="policy_try_telling").click().run()
    assert "通知会不同" in html(at)
    at.text_input(key="policy_why_telling").set_value("只报红色").run()
    at.button(key="policy_adopt_telling").click().run()
    assert not at.exception
    [heard] = channels_of(own)
    assert (heard.lowest_level, heard.audience) == ("red", "executives")
    shown = html(look("settings", part="channels"))
    assert "红色" in shown
    assert "高管" in shown
    assert "hush-hush" not in html(look("settings", part="changes"))
