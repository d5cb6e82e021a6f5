"""Labels: what people corrected, appended; the verdict and the hourly counts follow at once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from data.model import Allegation, Assessment, Mention, Sentiment
from data.store import assessments, corrections, mentions, verdicts, work
from data.store.corrections import Label, Matter
from data.store.schema import assessment, label


def add(conn: Connection, new: Label, taxonomy: Sequence[Allegation] | None = None) -> int:
    """Append a label and let it count, as grave as the ``taxonomy`` says; returns its id.

    Raises ValueError when the words it rests on do not stand where it says, or when nothing was
    ever assessed there.
    """
    [mention] = mentions.get(conn, [new.mention_id])
    body = mention.title if new.field == "title" else mention.text
    if new.quote and body[new.start : new.end] != new.quote:
        raise ValueError(f"mention {mention.id}: the label's words are not where it says")
    found = _by_code(conn, new.mention_id, new.lender)
    if found is None:
        raise ValueError(f"mention {mention.id}: was never assessed for {new.lender}")
    values = {name: getattr(new, name) for name in Label.__dataclass_fields__ if name != "id"}
    added = conn.execute(label.insert().values(values).returning(label.c.id)).scalar_one()
    verdicts.forget(conn, [mention.id], new.lender)
    valid = corrections.applied(conn, {mention.id: mention}, [found], taxonomy)
    ids = assessments.append(conn, valid)
    verdicts.judge(conn, [(ids[assessments.place(a)], a, mention) for a in valid])
    work.put(conn, "detect", [mention.id])
    return int(added)


def feelings(conn: Connection) -> list[tuple[Mention, Sentiment]]:
    """Return each mention whose feeling people corrected, with what they said last.

    Where they said different things about different companies the mention is left out.
    """
    c = label.c
    query = select(c.mention_id).where(c.what == Matter.SENTIMENT).distinct()
    said: dict[int, set[str]] = {}
    for (mention_id, _), made in corrections.of(conn, list(conn.scalars(query))).items():
        for one in corrections.current(made):
            if one.what is Matter.SENTIMENT:
                said.setdefault(mention_id, set()).add(one.value)
    sure = {mention_id: values.pop() for mention_id, values in said.items() if len(values) == 1}
    return [(m, Sentiment(sure[m.id])) for m in mentions.get(conn, sorted(sure))]


def _by_code(conn: Connection, mention_id: int, lender: str) -> Assessment | None:
    """Return the newest assessment that code made: labels are applied to it, never to each other.

    It may be of an older wording while the new one waits to be assessed.
    """
    c = assessment.c
    query = (
        select(c.id)
        .where(c.mention_id == mention_id, c.lender == lender, c.made_by.not_like("%+label/%"))
        .order_by(c.id.desc())
        .limit(1)
    )
    key = conn.execute(query).scalar_one_or_none()
    return None if key is None else assessments.by_id(conn, key)
