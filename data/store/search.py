"""Find every Chinese phrase, two characters and up, exactly.

A text becomes tokens: each Han character one, each run of letters or digits one, anything else
a barrier. A phrase is a run of tokens: 「催收」 is found, 「收电」 is not found in 「催收。电话」.
SQLite keeps the tokens in FTS5 (its trigram tokenizer silently finds nothing for two characters),
PostgreSQL under a GIN index of hashed tokens and pairs, with a recheck on the phrase.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    delete,
    exists,
    false,
    func,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy import Column as Col
from sqlalchemy.dialects.postgresql import ARRAY, array, insert

from data.fold import fold
from data.store.schema import mention

GATHERED = 30_000
"""Mentions that PostgreSQL gathers from its index before it sorts them: a tenth of a second."""
SAMPLE = 2_000
"""Texts that are asked how common a search is."""
BARRIER = "ǁ"
"""A letter nobody writes: it parts phrases where punctuation stood."""

_TOKEN = re.compile(r"[a-z0-9]+|[^\W_]|[\W_]+")
_TERM = re.compile(r'(-?)(?:"([^"]*)"|“([^”]*)”|「([^」]*)」|(\S+))')

_postgres = MetaData()
index = Table(
    "mention_search",
    _postgres,
    Col("mention_id", BigInteger, primary_key=True, autoincrement=False),
    Col("body", Text, nullable=False),
)
"""PostgreSQL's table; SQLite's of the same name is an FTS5 table and not in any MetaData."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a reader asked for: phrases that must occur, and phrases that must not."""

    include: tuple[tuple[str, ...], ...]
    exclude: tuple[tuple[str, ...], ...]

    def __bool__(self) -> bool:
        """Tell whether anything was asked for."""
        return bool(self.include or self.exclude)


def tokens(words: str) -> list[str]:
    """Split into Han characters, runs of letters or digits, and barriers."""
    found = _TOKEN.findall(fold(words))
    return [token if token[0].isalnum() else BARRIER for token in found]


def query(asked: str) -> Query:
    """Read a search box: words apart by spaces must all occur; "quoted", -excluded."""
    include: list[tuple[str, ...]] = []
    exclude: list[tuple[str, ...]] = []
    for match in _TERM.finditer(asked):
        minus, *forms = match.groups()
        phrase = _trim(tokens(next((form for form in forms if form is not None), "")))
        if phrase:
            (exclude if minus else include).append(phrase)
    return Query(tuple(include), tuple(exclude))


def matching(
    conn: Connection,
    asked: Query,
    key: ColumnElement[int] = mention.c.id,
    *,
    one_by_one: bool = False,
) -> ColumnElement[bool]:
    """Return the condition on a mention's id that holds for exactly the mentions asked for.

    ``one_by_one`` is for a query that stops after a few rows and expects many to match: PostgreSQL
    then asks of each row whether it does, instead of gathering all that do.
    """
    if not asked:
        return true()
    if conn.dialect.name == "postgresql":
        if one_by_one:
            here = select(index.c.mention_id).where(
                index.c.mention_id == key, _postgres_says(asked)
            )
            # OFFSET keeps it from being turned into a join
            return exists(here.correlate_except(index).offset(0))
        return key.in_(_postgres_rows(asked))
    wanted = _fts(asked.include, " AND ")
    unwanted = _fts(asked.exclude, " OR ")
    conditions = []
    if wanted is not None:
        conditions.append(key.in_(wanted))
    if unwanted is not None:
        conditions.append(key.not_in(unwanted))
    return and_(*conditions) if conditions else false()


def common(conn: Connection, asked: Query) -> bool:
    """Tell whether PostgreSQL would gather more than GATHERED for a search, by a sample of texts.

    Its own statistics keep the commonest grams only. SQLite stops where it is told to: never.
    """
    if conn.dialect.name != "postgresql" or not asked:
        return False
    newest = conn.execute(select(func.max(index.c.mention_id))).scalar_one() or 0
    if newest <= GATHERED:
        return False
    # a power of two, so that the same texts are asked however the store grows: they are in memory
    step = 1 << max(0, newest // SAMPLE).bit_length()
    ids = func.generate_series(step, newest, step).table_valued("id").render_derived()
    joined = index.join(ids, index.c.mention_id == ids.c.id)
    hits = func.count().filter(_postgres_says(asked))
    seen = select(func.count(), hits).select_from(joined)
    texts, n = conn.execute(seen).one()
    return bool(n * newest > GATHERED * texts)


def found(conn: Connection, asked: Query) -> Select[int]:
    """Return the ids of the mentions asked for, in no order: with a limit, the search stops there.

    As a condition on ``mention`` it would gather all that match first.
    """
    if conn.dialect.name == "postgresql":
        return _postgres_rows(asked)
    if not asked.include:
        return select(mention.c.id).where(matching(conn, asked))
    match = " AND ".join(_phrase(phrase) for phrase in asked.include)
    if asked.exclude:
        match = f"({match}) NOT ({' OR '.join(_phrase(phrase) for phrase in asked.exclude)})"
    return _rows(match)


def add(conn: Connection, bodies: dict[int, str]) -> None:
    """Index new texts by mention id."""
    if not bodies:
        return
    if conn.dialect.name == "postgresql":
        conn.execute(insert(index), [_row(key, body) for key, body in bodies.items()])
        return
    rows = [{"id": key, "body": " ".join(tokens(body))} for key, body in bodies.items()]
    conn.execute(text("INSERT INTO mention_search(rowid, body) VALUES (:id, :body)"), rows)


def remove(conn: Connection, bodies: dict[int, str]) -> None:
    """Forget texts; a contentless FTS5 index must be told what it had indexed."""
    if not bodies:
        return
    if conn.dialect.name == "postgresql":
        conn.execute(delete(index).where(index.c.mention_id.in_(list(bodies))))
        return
    rows = [{"id": key, "body": " ".join(tokens(body))} for key, body in bodies.items()]
    conn.execute(
        text(
            "INSERT INTO mention_search(mention_search, rowid, body) VALUES ('delete', :id, :body)"
        ),
        rows,
    )


def _trim(phrase: list[str]) -> tuple[str, ...]:
    while phrase and phrase[0] == BARRIER:
        phrase = phrase[1:]
    while phrase and phrase[-1] == BARRIER:
        phrase = phrase[:-1]
    return tuple(phrase)


def _fts(phrases: Sequence[tuple[str, ...]], joint: str) -> Select[int] | None:
    if not phrases:
        return None
    return _rows(joint.join(_phrase(phrase) for phrase in phrases))


def _phrase(phrase: tuple[str, ...]) -> str:
    return f'"{" ".join(phrase)}"'


def _rows(match: str) -> Select[int]:
    rowid: ColumnElement[int] = literal_column("rowid", BigInteger)
    searched = literal_column("mention_search").op("MATCH")(match)
    return select(rowid).select_from(text("mention_search")).where(searched)


def _row(key: int, body: str) -> dict[str, Any]:
    return {"mention_id": key, "body": f" {' '.join(tokens(body))} "}


def _postgres_rows(asked: Query) -> Select[int]:
    """Return the ids that the index finds; the texts make it exact, as grams are hashes."""
    grams = func.search_grams(index.c.body, type_=ARRAY(Integer))
    wanted = {
        gram: func.hashtext(gram)
        for phrase in asked.include
        for gram in ([f"{a} {b}" for a, b in pairwise(phrase)] or phrase)
    }
    held = grams.contains(array(wanted.values())) if wanted else true()
    return select(index.c.mention_id).where(held, _postgres_says(asked))


def _postgres_says(asked: Query) -> ColumnElement[bool]:
    # not LIKE: PostgreSQL thinks that hardly any text is like anything
    said = [func.strpos(index.c.body, f" {' '.join(phrase)} ") for phrase in asked.include]
    kept = [func.strpos(index.c.body, f" {' '.join(phrase)} ") for phrase in asked.exclude]
    return and_(true(), *(at > 0 for at in said), *(at == 0 for at in kept))
