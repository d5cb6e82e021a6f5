"""Every page, in both languages, light and dark, wide and on a phone: axe-core and sideways scroll.

The pages are those that the navigation offers, so that a new one is tried by being there.
"""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Serve
from tests.browser.looking import darken, fits, open_page, settled, visitor

pytestmark = pytest.mark.browser

BESIDE = ("incidents?id=1", "cases?id=1")
"""Pages that no navigation names."""
GRAVE = {"serious", "critical"}
THEIRS: dict[str, tuple[str, ...]] = {}
"""What Streamlit itself draws and we cannot mend: rule, and the elements it is excused for."""
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_stands_between_a_person_and_a_page(
    chromium: Browser, serve: Serve, lang: str
) -> None:
    address, found = serve("crisis").address, []
    with visitor(chromium) as context:
        page = open_page(context, f"{address}/?lang={lang}")
        paths = [*places(page), *BESIDE]
        assert len(paths) > 9
        page.close()
        for path in paths:
            joint = "&" if "?" in path else "?"
            page = open_page(context, f"{address}/{path}{joint}lang={lang}")
            found += [(path, *one) for one in findings(page)]
            darken(page)
            found += [(path, "dark", *one) for one in findings(page, COLOURS)]
            page.set_viewport_size({"width": 390, "height": 844})
            settled(page)
            found += [] if fits(page) else [(path, "must be scrolled sideways")]
            found += [(path, "phone", *one) for one in findings(page)]
            page.close()
    assert found == []


def places(page: Page) -> list[str]:
    """Return where the navigation leads."""
    links = page.locator("[data-testid=stSidebarNavLink]").all()
    return [str(link.get_attribute("href")).rstrip("/").rpartition("/")[2] for link in links]


def findings(page: Page, options: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Return what axe-core finds serious or critical, with the first elements of each."""
    asked = {"resultTypes": ["violations"]} | (options or {})
    told = []
    for one in Axe().run(page, options=asked).response["violations"]:
        nodes = [node for node in one["nodes"] if not _excused(one["id"], node)]
        if one["impact"] in GRAVE and nodes:
            told.append((one["id"], len(nodes), [node["html"][:200] for node in nodes[:3]],
                         nodes[0].get("failureSummary", "")[:200]))  # fmt: skip
    return told


def _excused(rule: str, node: dict[str, Any]) -> bool:
    return any(part in str(node["target"]) or part in node["html"] for part in THEIRS.get(rule, ()))
