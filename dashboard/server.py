"""Start the pages as a child process, keep it alive, stop it; no Streamlit is imported here."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import time
from pathlib import Path

from data import children
from data.errors import PortTaken
from data.settings import Settings

log = logging.getLogger("tingfeng.dashboard")

APP = Path(__file__).with_name("app.py")
BEHIND_DOOR = APP.with_name("web.py")
DOORS = ("accounts", "oidc")
"""Ways of signing in that need routes or secrets of their own beside the pages."""
PAUSE_SECONDS = 5.0
"""A server that dies at once is not started more often than this."""


class Server:
    """One Streamlit server on the host and port of the settings."""

    def __init__(self, settings: Settings) -> None:
        """Prepare; nothing is started yet."""
        self.host = settings.dashboard.host
        self.port = settings.dashboard.port
        self._environment = dict(os.environ)
        if settings.file is not None:
            self._environment["TINGFENG_CONFIG"] = str(settings.file)
        self._script = BEHIND_DOOR if settings.dashboard.sign_in in DOORS else APP
        self._process: subprocess.Popen[str] | None = None
        self._started = 0.0

    @property
    def url(self) -> str:
        """Where a browser finds the pages."""
        return f"http://{self.host}:{self.port}"

    def must_be_free(self) -> None:
        """Raise PortTaken when another program listens on our address."""
        with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise PortTaken(
                    f"{self.host}:{self.port}: another program listens here "
                    f"({error.strerror}); stop it, or change dashboard.port in the settings"
                ) from None

    def start(self) -> None:
        """Start the server. Raises PortTaken when another program listens there."""
        self.must_be_free()
        self._launch()

    def keep_alive(self) -> None:
        """Start the server again if it has died; call this every second or so."""
        if self._process is None or self._process.poll() is None:
            return
        if time.monotonic() - self._started >= PAUSE_SECONDS:
            log.warning("the dashboard ended with %s; starting it again", self._process.returncode)
            self._launch()

    def stop(self) -> None:
        """Ask the server to end, and insist after a while."""
        if self._process is not None:
            children.stop([self._process])
        self._process = None

    def _launch(self) -> None:
        flags = {
            "server.address": self.host,
            "server.port": str(self.port),
            "server.headless": "true",
            "browser.gatherUsageStats": "false",
            "client.toolbarMode": "minimal",
        }
        words = [f"--{name}={value}" for name, value in flags.items()]
        self._started = time.monotonic()
        self._process = children.spawn(
            "streamlit", "run", str(self._script), *words, cwd=APP.parents[1], env=self._environment
        )
