"""The two stages: detect turns new assessments into incidents, deliver tells people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from alerts import notices, outbox
from alerts.memory import Look, Memory
from alerts.policy import customers_of, policy_of
from alerts.story import Story
from alerts.tell import Teller, again
from alerts.walk import Walk
from data.settings import Settings
from data.store import incidents, signals, work
from data.store.db import Store
from data.store.incidents import Event

__all__ = ["deliver", "detect"]
STAGE = "detect"
EVERYTHING = 10_000_000
Progress = Callable[[int, int], None]
_memories: WeakKeyDictionary[Store, Memory] = WeakKeyDictionary()


def detect(
    store: Store,
    settings: Settings,
    now: datetime,
    progress: Progress | None = None,
    memory: Memory | None = None,
) -> dict[str, int]:
    """Look at what was assessed since the last call; write signals, incidents and messages.

    What follows for one lender is one transaction, the queue is emptied last, and what was found
    before is recognised: a call that was cut off anywhere can simply be made again. ``memory`` is
    by default what this process remembers of the store.

    Returns counts: ``mentions`` looked at,
    ``signals``, incidents ``opened``, ``rose`` and ``closed``, messages ``queued``.
    """
    customers = customers_of(settings)
    counts: Counter[str] = Counter()
    memory = memory or _memories.setdefault(store, Memory())
    told: set[int] = set()
    with store.read() as conn:
        ids = work.take(conn, STAGE, EVERYTHING)
        memory.check(conn, ids)
    for number, lender in enumerate(customers, start=1):
        changed, queued = _detect(store, settings, lender, ids, now, memory)
        told |= {story.incident.id for story in changed}
        counts += _counted(changed, queued)
        if progress is not None:
            progress(number, len(customers))
    with store.write() as conn:
        counts["queued"] += again(conn, settings, policy_of(settings), now, told)
        finish(conn, ids, memory)
    return {"mentions": len(ids), **{name: counts[name] for name in _COUNTED}}


_COUNTED = ("signals", "opened", "rose", "closed", "queued")


def deliver(
    store: Store, settings: Settings, now: datetime, progress: Progress | None = None
) -> dict[str, int]:
    """Send what is due, say what is to be said about ourselves, and leave a heartbeat.

    Returns outbox.deliver's counts and ``notices``.
    """
    counts = outbox.deliver(store, settings, now, progress)
    counts["notices"] = notices.send_due(store, settings, now)
    notices.beat(store, settings, now)
    return counts


def _detect(
    store: Store,
    settings: Settings,
    lender: str,
    ids: Sequence[int],
    now: datetime,
    memory: Memory,
) -> tuple[Sequence[Story], int]:
    """Look at one lender; return the stories that changed, and the number of messages queued."""
    with store.read() as conn:
        look = Walk(conn, lender, settings.alerts, policy_of(settings), now, memory).look(ids)
    with store.write() as conn:
        queued, newest_event = settle(conn, settings, look, now)
    memory.keep(lender, look, newest_event)
    return look.changed, queued


def settle(conn: Connection, settings: Settings, look: Look, now: datetime) -> tuple[int, int]:
    """Write what a look found and decide whom to tell.

    Returns the number of messages queued and that of the newest event, -1 if somebody changed
    incidents since the look.
    """
    alone = incidents.newest_event(conn) == look.newest_event
    for story in look.changed:
        _write(conn, story)
    changed = [story.incident.id for story in look.changed]
    queued = Teller(conn, settings, policy_of(settings), now).tell(changed)
    return queued, incidents.newest_event(conn) if alone else -1


def finish(conn: Connection, ids: Sequence[int], memory: Memory) -> None:
    """Take mentions off the queue, last of all."""
    for some in signals.chunks(ids):
        work.done(conn, STAGE, some)
    if ids:
        memory.looked(conn, ids)


def _write(conn: Connection, story: Story) -> None:
    new = story.incident.id == 0
    if new:
        _insert(conn, story)
    else:
        incidents.progress(conn, story.incident, rose=story.rose)
    number = story.incident.id
    incidents.add_mentions(conn, number, story.added)
    incidents.add_events(conn, number, story.events)
    for signal in story.signals:
        signals.put(conn, signal, number)


def _insert(conn: Connection, story: Story) -> None:
    number = incidents.insert(conn, story.incident)
    story.incident = replace(story.incident, id=number)
    if story.before is not None:
        at = story.incident.opened_at
        detail = {"incident": story.before.incident.id}
        story.events.append(Event(at, "join v1", "reopened", detail))


def _counted(changed: Iterable[Story], queued: int) -> Counter[str]:
    found: Counter[str] = Counter(queued=queued)
    for story in changed:
        found["signals"] += len(story.signals)
        for event in story.events:
            found[event.what] += 1
    return found
