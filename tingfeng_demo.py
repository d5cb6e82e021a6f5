"""What the demo needs beside the ordinary wiring: sites to crawl, an inbox, a settings file."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from data import facts
from data.errors import InputError
from data.scenarios import builtin, format as scenario_format
from data.settings import Settings, load

ROOT = Path(__file__).parent
COMPANY_ID = "7000000001"

_SETTINGS = """\
# Made by `tingfeng demo`: an invented lender, replicas of the sites, an inbox on this machine.
database = "sqlite:///{folder}/tingfeng.db"
var = "{folder}"

[crawl]
timeout_seconds = 300

[alerts]
tick_seconds = 10

[dashboard]
port = {port}
inbox = "{folder}/inbox"

[[channels]]
type = "email"
name = "值班邮箱"
host = "127.0.0.1"
port = {smtp}
security = "none"
sender = "tingfeng@demo.invalid"
to = ["duty@demo.invalid"]
lowest_level = "yellow"
"""

_SOURCE = """
[sources.{name}]
base_url = "{base}/{name}"
every_minutes = 0.2
delay_seconds = 0
{extra}
[sources.{name}.approval]
by = "demo"
on = {day}
basis = "a replica on this machine"
"""
