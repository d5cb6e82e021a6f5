"""A visitor without a browser: Streamlit's own protocol, over a real websocket.

It opens pages, follows links and clicks what the pages drew, and reads what comes back. Tests use
it to send what no browser of ours would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

Headers = Mapping[str, str]


@dataclass
class Client:
    """One visitor; ``address`` is http://HOST:PORT. After each step ``widgets`` has what was drawn.

    Raises AssertionError where the page shows an exception, TimeoutError where nothing comes.
    """

    address: str
    headers: Headers = field(default_factory=dict)
    patience: float = 120.0
    widgets: dict[str, Any] = field(default_factory=dict)
    html: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    page: str = ""
    query: str = ""
    kept: dict[str, bytes] = field(default_factory=dict)  # messages the server sends once, by hash

    def __enter__(self) -> Self:
        """Connect."""
        where = self.address.replace("http", "ws", 1) + "/_stcore/stream"
        self._leave = ExitStack()
        self.socket = self._leave.enter_context(
            connect(
                where,
                additional_headers=dict(self.headers),
                origin=Origin(self.address),
                subprotocols=[Subprotocol("streamlit")],
                max_size=None,
                proxy=None,
            )
        )
        return self

    def __exit__(self, *_: object) -> None:
        """Leave."""
        self._leave.close()

    def open(self, name: str = "", query: str = "") -> Self:
        """Go to a page by its address, with a query such as ``id=1&lang=en``."""
        self.query = query
        return self._run(page_name=name, page_script_hash=self.pages.get(name, ""))

    def click(self, widget: str) -> Self:
        """Press a button, by its id."""
        return self.say([WidgetState(id=widget, trigger_value=True)])

    def say(self, states: Sequence[WidgetState]) -> Self:
        """Send the states of widgets, whatever they are, for the page that is open."""
        return self._run(states, page_script_hash=self.page)

    def button(self, key: str) -> str:
        """Return the id of the button with this key, "" where none was drawn."""
        return next((one for one in self.widgets if one.endswith(f"-{key}")), "")

    def _run(self, states: Sequence[WidgetState] = (), **page: str) -> Self:
        message = BackMsg()
        again = message.rerun_script
        again.query_string = self.query
        for name, value in page.items():
            setattr(again, name, value)
        again.widget_states.widgets.extend(states)
        self.socket.send(message.SerializeToString())
        return self._read()

    def _read(self) -> Self:
        """Read until the script has ended."""
        self.widgets, self.html = {}, []
        while True:
            message = ForwardMsg()
            message.ParseFromString(bytes(self.socket.recv(self.patience)))  # type: ignore[arg-type]
            kind = message.WhichOneof("type")
            if kind == "ref_hash":
                whole = ForwardMsg()
                whole.ParseFromString(self.kept[message.ref_hash])
                whole.metadata.CopyFrom(message.metadata)
                message, kind = whole, whole.WhichOneof("type")
            elif message.hash:
                self.kept[message.hash] = message.SerializeToString()
            if kind == "delta":
                self._drawn(message.delta.new_element)
            elif kind == "navigation":
                for one in message.navigation.app_pages:
                    self.pages[one.url_pathname] = one.page_script_hash
                self.page = message.navigation.page_script_hash
            elif kind == "script_finished" and message.script_finished in ENDS:
                return self

    def _drawn(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        assert kind != "exception", element.exception.message
        if kind == "html":
            self.html.append(element.html.body)
        elif kind and getattr(getattr(element, kind), "id", ""):
            self.widgets[getattr(element, kind).id] = getattr(element, kind)


ENDS = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)
