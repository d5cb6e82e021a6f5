"""Messages that no browser of ours sends: a viewer presses what only others are shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import InvalidHandshake, WebSocketException

from bench.streamlit_client import Client
from data.store import accounts
from data.store.db import Store
from data.store.schema import case_note, incident, incident_event, label, saved_search
from tests.browser.conftest import Serve, Site
from tests.browser.people import session, small_team

pytestmark = pytest.mark.browser

PLACES = {"incidents": "id=2", "desk": "scope=all", "cases": "id=1"}
TABLES = (incident_event, label, case_note, saved_search)


@pytest.fixture
def site(serve: Serve) -> Site:
    return small_team(
        serve, "forgery"
    )  # elsewhere incidents are closed, and offer nothing to forge


@contextmanager
def visit(site: Site, name: str, page: str, query: str) -> Iterator[Client]:
    with Client(site.address, {"Cookie": session(site, name)}) as client:
        yield client.open().open(page, query)


def written(site: Site) -> list[object]:
    """Return how many rows people have written, and where each incident is."""
    store = Store(site.database)
    with store.read() as conn:
        rows: list[object] = [
            conn.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES
        ]
        query = select(incident.c.state, incident.c.level, incident.c.owner)
        rows += [tuple(row) for row in conn.execute(query.order_by(incident.c.id))]
    store.dispose()
    return rows


def pressed(widget: str, drawn: object) -> WidgetState:
    """Return the state of a widget as if somebody had used it, whatever kind it is."""
    kind = type(drawn).__name__
    if kind == "Button":
        return WidgetState(id=widget, trigger_value=True)
    if kind in {"TextInput", "TextArea"}:
        return WidgetState(id=widget, string_value="forged")
    if kind == "Checkbox":
        return WidgetState(id=widget, bool_value=True)
    state = WidgetState(id=widget)
    state.string_array_value.data.append("refuted")
    return state


@pytest.mark.parametrize("page", PLACES)
def test_a_viewer_s_forged_clicks_write_nothing(site: Site, page: str) -> None:
    """All widgets that compliance sees on the page are pressed, one by one and all at once."""
    query = PLACES[page]
    with visit(site, "李宁", page, query) as entitled:
        theirs = dict(entitled.widgets)
    with visit(site, "陈总", page, query) as viewer:
        mine = {one.rpartition("-")[2] for one in viewer.widgets}
        forged = {one: w for one, w in theirs.items() if one.rpartition("-")[2] not in mine}
        assert len(forged) > 3
        before = written(site)
        states = [pressed(one, drawn) for one, drawn in forged.items()]
        viewer.say(states)
        for one, drawn in forged.items():
            viewer.say([*states, pressed(one, drawn)])
        assert written(site) == before


def test_a_lost_role_counts_for_the_very_next_click(site: Site) -> None:
    """The page still shows the button, and its call still holds who was entitled then."""
    with visit(site, "王敏", "incidents", "id=2") as client:
        note, text = client.button("note"), client.button("note_text")
        before = written(site)
        store = Store(site.database)
        with store.write() as conn:
            accounts.end_all(conn, "王敏")
        store.dispose()
        client.say(
            [WidgetState(id=text, string_value="不该写入"), pressed(note, client.widgets[note])]
        )
        assert written(site) == before
        assert "请先登录" in "".join(client.html)


def test_an_entitled_click_of_the_same_kind_is_written(site: Site) -> None:
    """The forgeries above would have been noticed."""
    with visit(site, "王敏", "incidents", "id=2") as client:
        before = written(site)
        field = WidgetState(id=client.button("note_text"), string_value="已核实")
        client.say([field])
        client.say([field, WidgetState(id=client.button("note"), trigger_value=True)])
        assert written(site) != before


@pytest.mark.parametrize("cookie", ["", "tingfeng_session=forged"])
def test_without_a_session_no_socket_opens(site: Site, cookie: str) -> None:
    with (
        pytest.raises((InvalidHandshake, WebSocketException)),
        Client(site.address, {"Cookie": cookie} if cookie else {}) as client,
    ):
        client.open()
