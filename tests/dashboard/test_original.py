"""Behind the masks: found where the page has it, for compliance, with a reason, written down."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from dashboard import casework, original
from dashboard.actions import NotAllowed
from dashboard.casework import Work
from dashboard.viewer import RIGHTS, Viewer
from data import evidence, privacy
from data.errors import EvidenceError
from data.model import Capture, Mention
from data.store import captures, mentions, unmaskings
from data.store.db import Store
from data.store.schema import unmasking
from tests.conftest import NOW
from tests.dashboard import seeds
from tests.dashboard.test_views import html, look

SAID = "催收让我加 13912345678 这个号码，说身份证 440106199003071234 已经上传。"
PAGES = {
    "html": f"<html><p class='x'>{SAID.replace('加 ', '加<br>&nbsp;')}</p></html>".encode(),
    "json": json.dumps({"result": {"content": f"{SAID}\n"}}).encode(),
    "gb18030": f"<p>{SAID}</p>".encode("gb18030"),
}


@pytest.mark.parametrize("kind", PAGES)
def test_what_was_masked_is_found_in_the_page(kind: str) -> None:
    masked = privacy.mask(SAID)
    assert "12345678" not in masked
    found = original.restored(masked, original.decoded(PAGES[kind]))
    assert (found.text, found.missing) == (SAID, 0)
    assert [SAID[span.start : span.end] for span in found.spans] == ["1234", "0106199003071234"]


def test_what_the_page_lacks_stays_masked_and_is_counted() -> None:
    masked = privacy.mask(SAID)
    found = original.restored(masked, "another page altogether 13912345678")
    assert (found.text, found.spans, found.missing) == (masked, (), masked.count("*"))
    assert original.restored("***", "abc").missing == 3  # nothing around it tells where it stood


@given(some.text(alphabet="我的号码是。a 13912345678", max_size=60))
def test_nothing_but_masks_is_ever_changed(text: str) -> None:
    masked = privacy.mask(text)
    found = original.restored(masked, text)
    assert len(found.text) == len(masked)
    assert all(a == b for a, b in zip(found.text, masked, strict=True) if b != "*")


@pytest.fixture
def kept(site: Store, tmp_path: Path) -> Mention:
    """A complaint with a mobile number, its page in the archive."""
    page = evidence.Page("https://example.com/1", 200, (), PAGES["html"], NOW)
    with evidence.Archive(tmp_path / "captures", "heimao_public", NOW, {}) as archive:
        place = archive.add(page)
    capture = Capture(
        "heimao_public", page.url, 200, NOW, page.sha256, len(page.body),
        place.file, place.offset, place.length,
    )  # fmt: skip
    story = seeds.Story("要我加微信", SAID, "excessive_calls", "加 ", 3)
    one = seeds.seed(1, NOW, seeds.COMPLAINT, story)
    [key] = seeds.put(site, [replace(one, mention=replace(one.mention, capture=capture))])
    with site.read() as conn:
        [found] = mentions.get(conn, [key])
        assert captures.of_mention(conn, key)[0].file == place.file
    return found


def unmask(store: Store, folder: Path, mention: Mention, role: str, why: str) -> casework.Unmasked:
    assert mention.capture is not None
    work = Work(store, Viewer("小林", RIGHTS[role]), seeds.LENDER, NOW)
    return casework.unmask(work, mention, mention.capture, folder / "captures", why)


def test_compliance_looks_with_a_reason_and_it_is_written_down(
    site: Store, kept: Mention, tmp_path: Path
) -> None:
    assert "13912345678" not in kept.text
    assert "13912345678" in unmask(site, tmp_path, kept, "compliance", "核对回访号码").text.text
    with site.read() as conn:
        [row] = unmaskings.of(conn, kept.id)
    assert (row.by, row.why, row.at) == ("小林", "核对回访号码", NOW)


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_nobody_else_looks(site: Store, kept: Mention, tmp_path: Path, role: str) -> None:
    with pytest.raises(NotAllowed):
        unmask(site, tmp_path, kept, role, "好奇")
    with pytest.raises(ValueError, match="reason"):
        unmask(site, tmp_path, kept, "compliance", "  ")
    with site.read() as conn:
        assert unmaskings.of(conn, kept.id) == ()


def test_a_look_that_finds_the_page_gone_is_written_down_too(
    site: Store, kept: Mention, tmp_path: Path
) -> None:
    with pytest.raises(EvidenceError):
        unmask(site, tmp_path / "elsewhere", kept, "compliance", "核对")
    with site.read() as conn:
        assert len(conn.execute(select(unmasking)).all()) == 1


def test_the_pane_shows_the_original_only_after_a_reason(
    site: Store, kept: Mention, tmp_path: Path
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f'var = "{tmp_path}"\n{file.read_text()}')
    at = look("desk", m=str(kept.id))
    assert at.button(key="unmask").disabled
    assert "13912345678" not in html(at)
    at.text_area(key="unmask_why").set_value("核对回访号码").run()
    at.button(key="unmask").click().run()
    assert not at.exception
    assert "139<mark>1234</mark>5678" in html(at)
    assert "核对回访号码" in html(at)
    assert "1234</mark>" not in html(look("desk", m=str(kept.id)))  # another session sees masks
