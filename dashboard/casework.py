"""What compliance does at its desk: labels, case files, unmasking, searches. No Streamlit here.

Each action asks the viewer's right again and is one transaction. Raises NotAllowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dashboard import original
from dashboard.actions import must
from dashboard.original import Original
from dashboard.pointing import Place
from dashboard.viewer import Right, Viewer
from data import evidence
from data.model import Allegation, Capture, Mention
from data.store import cases, labels, searches, unmaskings
from data.store.cases import Finding
from data.store.corrections import Label, Matter, Standing
from data.store.db import Store
from data.store.searches import SavedSearch
from data.store.unmaskings import Unmasking


@dataclass(frozen=True, slots=True)
class Work:
    """Who acts, on which store, for which lender, at what moment."""

    store: Store
    viewer: Viewer
    lender: str
    now: datetime
    taxonomy: tuple[Allegation, ...] | None = None  # how grave each is; None: as in data/facts


@dataclass(frozen=True, slots=True)
class Unmasked:
    """A mention's title and text as the page has them."""

    mention_id: int
    title: Original
    text: Original


def say_sentiment(work: Work, mention: Mention, value: str) -> None:
    """Correct for or against; "" gives it back to the code."""
    _label(work, mention, Matter.SENTIMENT, value)


def deny(work: Work, mention: Mention, allegation: str) -> None:
    """Say that the text does not allege this."""
    _label(work, mention, Matter.ALLEGATION, "absent", allegation)


def allege(work: Work, mention: Mention, allegation: str, place: Place) -> None:
    """Say that the text alleges this, by the words at a place. ValueError if none stand there."""
    words = place.words(mention)
    if len(words) != place.end - place.start or not words.strip():
        raise ValueError("the words that show an allegation must stand in the text")
    span = (place.field, place.start, place.end, words)
    _label(work, mention, Matter.ALLEGATION, "present", allegation, span)


def say_standing(work: Work, mention: Mention, allegation: str, standing: Standing) -> None:
    """Say how far people are with an allegation: alleged, under review, substantiated, refuted."""
    must(work.viewer, Right.CASE)
    value = "" if standing is Standing.ALLEGED else standing.value
    _label(work, mention, Matter.STANDING, value, allegation)


def disown(work: Work, mention: Mention, *, ours: bool) -> None:
    """Say that a text is not about the lender, or take that back."""
    _label(work, mention, Matter.ABOUT, "" if ours else "no")


def take_back(work: Work, mention: Mention, made: Label) -> None:
    """Give a matter back to the code; the label stays in the history."""
    _label(work, mention, made.what, "", made.allegation)


def open_case(work: Work, mention_id: int) -> int:
    """Open a case on a complaint; whoever opens it owns it."""
    must(work.viewer, Right.CASE)
    with work.store.write() as conn:
        return cases.open_case(conn, work.lender, mention_id, work.viewer.name, work.now)


def add_to_case(work: Work, key: int, mention_id: int) -> None:
    """Add a complaint to an open case. Raises CaseMoved."""
    must(work.viewer, Right.CASE)
    with work.store.write() as conn:
        cases.add(conn, key, mention_id, work.viewer.name, work.now)


def note_case(work: Work, key: int, text: str) -> None:
    """Write something into a case's history."""
    must(work.viewer, Right.CASE)
    with work.store.write() as conn:
        cases.note(conn, key, work.viewer.name, work.now, text)


def assign_case(work: Work, key: int, owner: str) -> None:
    """Give an open case to somebody. Raises CaseMoved."""
    must(work.viewer, Right.CASE)
    with work.store.write() as conn:
        cases.assign(conn, key, work.viewer.name, work.now, owner)


def extend_case(work: Work, key: int, days: int, why: str) -> None:
    """Give an open case the next period. Raises CaseMoved; ValueError without a reason."""
    must(work.viewer, Right.CASE)
    with work.store.write() as conn:
        cases.extend(conn, key, work.viewer.name, work.now, days, why)


def close_case(work: Work, key: int, finding: Finding, why: str) -> None:
    """Close a case with what it came to. Raises CaseMoved; ValueError without a reason."""
    must(work.viewer, Right.CASE)
    with work.store.write() as conn:
        cases.close(conn, key, work.viewer.name, work.now, finding, why)


def reopen_case(work: Work, key: int, why: str) -> None:
    """Open a closed case again. Raises CaseMoved."""
    must(work.viewer, Right.CASE)
    with work.store.write() as conn:
        cases.reopen(conn, key, work.viewer.name, work.now, why)


def unmask(work: Work, mention: Mention, page: Capture, folder: Path, why: str) -> Unmasked:
    """Show what the page had where the text has masks; who, when and why is written down first.

    ``folder`` holds the captures. Raises ValueError without a reason, EvidenceError.
    """
    must(work.viewer, Right.CASE)
    look = Unmasking(mention.id, work.now, work.viewer.name, why, page.sha256)
    with work.store.write() as conn:
        unmaskings.add(conn, look)
    place = evidence.Place(page.file, page.offset, page.length)
    words = original.decoded(evidence.content(evidence.verify(folder, place, page.sha256)))
    title, text = (original.restored(one, words) for one in (mention.title, mention.text))
    return Unmasked(mention.id, title, text)


def save_search(work: Work, name: str, address: str) -> None:
    """Keep the filters under a name that all who look at the lender see."""
    must(work.viewer, Right.ACT)
    with work.store.write() as conn:
        searches.save(conn, work.lender, SavedSearch(name, address, work.viewer.name), work.now)


def forget_search(work: Work, name: str) -> None:
    """Drop a saved search."""
    must(work.viewer, Right.ACT)
    with work.store.write() as conn:
        searches.forget(conn, work.lender, name)


def _label(
    work: Work,
    mention: Mention,
    what: Matter,
    value: str,
    allegation: str = "",
    span: tuple[str, int, int, str] = ("", 0, 0, ""),
) -> None:
    must(work.viewer, Right.ACT)
    field, start, end, quote = span
    new = Label(
        lender=work.lender,
        mention_id=mention.id,
        revision=mention.revision,
        at=work.now,
        by=work.viewer.name,
        what=what,
        value=value,
        allegation=allegation,
        field=field,  # type: ignore[arg-type]
        start=start,
        end=end,
        quote=quote,
    )
    with work.store.write() as conn:
        labels.add(conn, new, work.taxonomy)
