"""``python -m crawlers.replica`` serves a scenario, the demo's or a FILE; it prints its address."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawlers.replica.everywhere import everywhere
from crawlers.replica.faults import Panel, read_plan
from crawlers.replica.server import SITES, serve
from crawlers.replica.shelf import Clock
from data.errors import TingfengError
from data.model import utc
from data.scenarios.builtin import demo
from data.scenarios.format import read


def main() -> int:
    """Serve until interrupted; a wrong file or a taken port is one sentence and exit code 2."""
    parser = argparse.ArgumentParser(prog="python -m crawlers.replica", description=__doc__)
    parser.add_argument("--scenario", type=Path, help="JSONL of a planned week; else the demo's")
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose")
    parser.add_argument("--now", help="start the clock here (ISO with zone); default is real time")
    parser.add_argument("--speed", type=float, default=1.0, help="seconds per second, with --now")
    parser.add_argument("--faults", type=Path, help="YAML plan, see crawlers/replica/faults.py")
    parser.add_argument("--everywhere", action="store_true", help="at every site of its kind")
    options = parser.parse_args()
    try:
        start = utc(datetime.fromisoformat(options.now)) if options.now else None
        now = start or datetime.now(UTC)  # noqa: TID251 - a child of its own
        scenario = read(options.scenario) if options.scenario else demo(now)
        if options.everywhere:
            scenario = everywhere(scenario)
        panel = Panel()
        if options.faults:
            panel.faults = read_plan(options.faults, [site.slug for site in SITES])
        clock = _clock(start, options.speed)
        asyncio.run(serve(scenario, clock, options.port, _announce, panel))
    except TingfengError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 0
    return 0


def _clock(start: datetime | None, speed: float) -> Clock:
    begun = time.monotonic()

    def running() -> datetime:
        assert start is not None
        return start + timedelta(seconds=(time.monotonic() - begun) * speed)

    return running if start is not None else lambda: datetime.now(UTC)  # noqa: TID251


def _announce(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
