"""What people think of an alert afterwards (useful, false, late), and how precise that makes us.

A judgement is an entry of the incident's history: appended, with its author; the newest counts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from data.errors import InputError
from data.model import SHANGHAI, Level
from data.store import incidents
from data.store.incidents import Event
from data.store.schema import incident, incident_event

JUDGED = "judged"
VERDICTS = ("useful", "false", "late")


@dataclass(frozen=True, slots=True)
class Week:
    """The alerts that opened in the week from ``monday`` (Shanghai), by what people said of them.

    ``unjudged`` were yellow or graver, and nobody has said anything.
    """

    monday: date
    useful: int = 0
    false: int = 0
    late: int = 0
    unjudged: int = 0

    @property
    def precision(self) -> float | None:
        """The share of those judged that was worth telling (in time or late); None without any."""
        judged = self.useful + self.false + self.late
        return (self.useful + self.late) / judged if judged else None


def judge(
    conn: Connection, incident_id: int, verdict: str, by: str, now: datetime, note: str = ""
) -> None:
    """Write down what a person thinks of an alert. Raises InputError for an unknown word or id."""
    if verdict not in VERDICTS:
        raise InputError(f"{verdict}: no such judgement; use one of {', '.join(VERDICTS)}")
    if incidents.get(conn, incident_id) is None:
        raise InputError(f"incident {incident_id}: there is none with this number")
    detail = {"verdict": verdict} | ({"note": note.strip()} if note.strip() else {})
    incidents.add_events(conn, incident_id, [Event(now, by, JUDGED, detail)])


def newest(conn: Connection, incident_id: int) -> str:
    """Return what was last said of an alert, "" if nothing was."""
    said = [e for e in incidents.events(conn, incident_id) if e.what == JUDGED]
    return str(said[-1].detail["verdict"]) if said else ""


def precision(conn: Connection, lender: str, since: datetime, until: datetime) -> list[Week]:
    """Return one entry a week with incidents that opened in ``[since, until)``, oldest first."""
    c, e = incident.c, incident_event.c
    inside = (c.lender == lender) & (c.opened_at >= since) & (c.opened_at < until)
    opened = {
        row.id: row
        for row in conn.execute(select(c.id, c.opened_at, c.level).where(inside).order_by(c.id))
    }
    said: dict[int, str] = {}
    query = select(e.incident_id, e.detail).join(incident, c.id == e.incident_id)
    for row in conn.execute(query.where(inside, e.what == JUDGED).order_by(e.id)):
        said[row.incident_id] = row.detail["verdict"]
    weeks: dict[date, Counter[str]] = {}
    for number, one in opened.items():
        counted = weeks.setdefault(_monday(one.opened_at), Counter())
        if number in said:
            counted[said[number]] += 1
        elif one.level >= Level.YELLOW:
            counted["unjudged"] += 1
    return [Week(monday, **counted) for monday, counted in sorted(weeks.items())]


def _monday(moment: datetime) -> date:
    day = moment.astimezone(SHANGHAI).date()
    return day - timedelta(days=day.weekday())
