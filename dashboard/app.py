"""The frame, run on every interaction: who looks, in which language, at whom, on which page.

Started as ``python -m streamlit run dashboard/app.py``; settings come from $TINGFENG_CONFIG.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import address, memory, parts, viewer, words
from dashboard.markup import plain
from dashboard.naming import Naming
from dashboard.shared import Visit, facts, store
from dashboard.views import (
    cases,
    desk,
    digest,
    feed,
    inbox,
    incidents,
    policy,
    quality,
    situation,
    sources,
)
from data import settings
from data.errors import TingfengError

Draw = Callable[[Visit], None]
HERE = Path(__file__).parent
FIRST = "first"  # its address is the root; Streamlit still wants a name, and its own one is taken


def main(home: str = "situation") -> None:
    """Draw the frame, then the page that the address names, or ``home`` where it names none."""
    st.set_page_config("听风 Tingfeng", str(HERE / "icon.svg"), "wide", initial_sidebar_state=284)
    st.logo(str(HERE / "logo.svg"), size="large")
    parts.style()
    try:
        visit = _visit(settings.load())
    except TingfengError as error:
        st.error(str(error))
        st.stop()
    for name, title, icon, draw in _pages(visit):
        first = name == home
        visit.pages[name] = st.Page(partial(draw, visit), title=title, icon=icon, default=first,
                                    url_path=FIRST if first else name)  # fmt: skip
    by_name = st.Page(partial(_first, visit.pages[home]), title=home, url_path=home,
                      visibility="hidden")  # fmt: skip
    st.navigation([*visit.pages.values(), by_name]).run()
    memory.settle()


def _first(page: StreamlitPage) -> None:
    """Lead from the first page's name to where it stands, at the root, with all that was asked."""
    asked = st.query_params
    st.switch_page(
        page, query_params=[(key, value) for key in asked for value in asked.get_all(key)]
    )


def _pages(visit: Visit) -> list[tuple[str, str, str, Draw]]:
    """Return the pages: address, title, icon and what draws it."""
    t = visit.t
    pages: list[tuple[str, str, str, Draw]] = [
        ("situation", t("page.situation"), ":material/air:", situation.page),
        ("incidents", t("page.incidents"), ":material/flag:", incidents.page),
        ("feed", t("page.feed"), ":material/forum:", feed.page),
        ("desk", t("page.desk"), ":material/gavel:", desk.page),
        ("cases", t("page.cases"), ":material/folder_open:", cases.page),
        ("digest", t("page.digest"), ":material/newspaper:", digest.page),
        ("sources", t("page.sources"), ":material/sensors:", sources.page),
        ("quality", t("page.quality"), ":material/target:", quality.page),
        ("settings", t("page.settings"), ":material/tune:", policy.page),
    ]
    if visit.settings.dashboard.inbox is not None:
        pages.append(("inbox", t("page.inbox"), ":material/inbox:", inbox.page))
    return pages


def _visit(chosen: settings.Settings) -> Visit:
    t = words.load(address.chosen("lang", words.LANGUAGES, chosen.dashboard.language))
    who = _who(chosen, t)
    known = facts(chosen)
    naming = Naming(t, known.allegations, known.groups, known.rules, known.sources, known.lenders,
                    known.levels)  # fmt: skip
    visit = Visit(
        look=partial(_looking, chosen),
        t=t,
        naming=naming,
        lender=_choices(t, naming, chosen.dashboard.language),
        settings=chosen,
        clock=lambda: datetime.now(UTC),
        pages={},
        dark=st.context.theme.type == "dark",
    )
    if chosen.dashboard.sign_in != "none":
        _signed_in(t, who, chosen.dashboard.sign_in)
    return visit


def _looking(chosen: settings.Settings) -> viewer.Viewer:
    """Return who looks now, NOBODY where we do not know."""
    found = viewer.current(
        chosen,
        store(chosen.database),
        st.context.cookies.to_dict(),
        st.context.headers.to_dict(),
        _claims(chosen),
        datetime.now(UTC),
    )
    return found or viewer.NOBODY


def _claims(chosen: settings.Settings) -> dict[str, Any]:
    return dict(st.user.to_dict()) if chosen.dashboard.sign_in == "oidc" else {}


def _who(chosen: settings.Settings, t: words.Words) -> viewer.Viewer:
    """Return who is looking; whoever is nobody sees a sentence, and nothing behind it."""
    found = _looking(chosen)
    if not found.may(viewer.Right.READ):
        _closed(chosen, t)
        st.stop()
    return found


def _closed(chosen: settings.Settings, t: words.Words) -> None:
    """Say why there is nothing to see, and what to do about it."""
    if chosen.dashboard.sign_in != "oidc":
        parts.empty(t("door.nobody"), t("door.nobody_then"))
    elif viewer.signed_in(_claims(chosen), datetime.now(UTC)):
        parts.empty(t("door.no_role"), t("door.no_role_then"))
        st.button(t("door.sign_out"), key="sign_out", on_click=st.logout)
    else:
        parts.empty(t("door.nobody"), t("door.provider_then"))
        st.button(t("door.sign_in"), key="sign_in", on_click=st.login, type="primary")


def _signed_in(t: words.Words, who: viewer.Viewer, way: str) -> None:
    """Say who is signed in, and where to change the password or sign out."""
    with st.sidebar:
        parts.small(t("frame.signed_in", name=who.name))
        if way == "oidc":
            st.button(t("door.sign_out"), key="sign_out", on_click=st.logout, type="tertiary")
        if way != "accounts":
            return
        for path, label in (("/password", t("door.choose")), ("/sign-out", t("door.sign_out"))):
            parts.html(f'<a class="tf-open" href="{path}" target="_self">{plain(label)}</a>')


def _choices(t: words.Words, naming: Naming, language: str) -> str:
    """Let the visitor choose the lender, where there are several, and the language."""
    slugs = naming.watched()
    lender = slugs[0]
    with st.sidebar:
        if len(slugs) > 1:
            follow = address.kept("lender", slugs, slugs[0])
            lender = st.selectbox(t("frame.lender"), slugs, format_func=naming.lender, **follow)
        st.segmented_control(
            t("frame.language"),
            list(words.LANGUAGES),
            required=True,
            format_func={"zh": "中文", "en": "English"}.__getitem__,
            label_visibility="collapsed",
            width="stretch",
            **address.kept("lang", words.LANGUAGES, language),
        )
    return lender


if __name__ == "__main__":
    main()
