"""kill -9 at any moment of detect and deliver, then again: nothing lost, every double marked."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from alerts import inbox
from data.inbox import messages
from data.store import outbox
from data.store.db import Store
from data.store.schema import incident
from data.store.schema import outbox as outbox_table
from data.store.schema import signal as signal_table
from tests.alerts.conftest import Said, assess
from tests.alerts.servers import web
from tests.conftest import NOW

LENDERS = 12
CHILD = """
import sys
from datetime import datetime
from alerts.stage import deliver, detect
from data.settings import load
from data.store.db import Store
settings = load()
store, now = Store(settings.database), datetime.fromisoformat(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
detect(store, settings, now)
deliver(store, settings, now)
print("done", flush=True)
"""


@contextmanager
def child(config: Path) -> Iterator[subprocess.Popen[str]]:
    """Start the two stages in a process of their own, ready to go when told."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, NOW.isoformat()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"TINGFENG_CONFIG": str(config), "PYTHONPATH": str(Path.cwd())},
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("go\n")
        process.stdin.flush()
        yield process


def prepare(folder: Path, store: Store, url: str, port: int) -> Path:
    """Give each of twelve lenders one grave complaint, and two channels to tell."""
    own = [
        {"slug": f"own{n}", "zh": f"甲{n}消费金融", "en": f"Own {n}", "role": "customer",
         "names": [f"甲{n}消费金融"]}
        for n in range(LENDERS)
    ]  # fmt: skip
    (folder / "lenders.yaml").write_text(yaml.safe_dump(own, allow_unicode=True), "utf-8")
    for n in range(LENDERS):
        grave = Said(f"k{n}", NOW - timedelta(minutes=9), f"第{n}件", ("threat_of_violence",))
        assess(store, [grave], NOW, lender=f"own{n}")
    config = folder / "settings.toml"
    config.write_text(
        f"""
        database = "sqlite:///{store.file}"
        lenders = "{folder / "lenders.yaml"}"
        [[channels]]
        type = "webhook"
        name = "hook"
        url = "{url}"
        secret = "hush-hush"
        [[channels]]
        type = "email"
        name = "mail"
        host = "127.0.0.1"
        port = {port}
        security = "none"
        sender = "t@example.com"
        to = ["p@example.com"]
        """,
        "utf-8",
    )
    return config


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_and_every_double_is_marked(
    store: Store, tmp_path: Path
) -> None:
    chance = random.Random(1)
    with web() as receiver, inbox.serving(tmp_path / "inbox") as port:
        config = prepare(tmp_path, store, receiver.url, port)
        kills = 0
        for _ in range(5):
            with child(config) as process:
                time.sleep(chance.uniform(0.02, 0.4))
                process.send_signal(signal.SIGKILL)
                kills += process.wait() == -signal.SIGKILL
        with child(config) as process:
            assert process.wait() == 0
    assert kills
    with store.read() as conn:
        assert outbox.counts(conn) == {"sent": 2 * LENDERS}
        assert len(conn.execute(select(incident.c.id)).all()) == LENDERS
        assert len(conn.execute(select(signal_table.c.id)).all()) == LENDERS
        marked = conn.execute(select(outbox_table.c.id).where(outbox_table.c.unsure)).all()
    hooks = [json.loads(body) for _, body in receiver.got]
    mails = messages(tmp_path / "inbox")
    by_hook = Counter(headers["Idempotency-Key"] for headers, _ in receiver.got)
    by_mail = Counter(mail.message_id for mail in mails)
    assert (len(by_hook), len(by_mail)) == (LENDERS, LENDERS), "nothing is lost"
    doubles = len(hooks) + len(mails) - 2 * LENDERS
    repeats = [one for one in hooks if one["repeat"]]
    repeats += [mail for mail in mails if mail.subject.startswith("（重发）")]
    assert doubles <= len(repeats) <= kills, "every double says that it may be one"
    assert len(marked) <= len(repeats)


@pytest.mark.slow
def test_killed_when_the_far_end_has_it_the_repeat_is_marked(store: Store, tmp_path: Path) -> None:
    with web() as receiver, inbox.serving(tmp_path / "inbox") as port:
        config = prepare(tmp_path, store, receiver.url, port)
        with child(config) as process:
            receiver.on_got = process.kill
            assert process.wait() == -signal.SIGKILL
        receiver.on_got = lambda: None
        with child(config) as process:
            assert process.wait() == 0
    (first, body), *others = receiver.got
    again = [json.loads(b) for headers, b in others
             if headers["Idempotency-Key"] == first["Idempotency-Key"]]  # fmt: skip
    assert not json.loads(body)["repeat"]
    assert [one["repeat"] for one in again] == [True]
    assert again[0]["subject"] == f"（重发）{json.loads(body)['subject']}"
    assert len(receiver.got) == LENDERS + 1
    mails = messages(tmp_path / "inbox")  # of the other channel one may have been on its way
    assert len({mail.message_id for mail in mails}) == LENDERS
    assert len(mails) - LENDERS <= sum(m.subject.startswith("（重发）") for m in mails) <= 1
