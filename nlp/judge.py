"""Assess a file of texts: one JSON object a line in, one a line out. Nothing is stored.

In: ``id`` and ``text``; where known ``title``, ``source_kind`` and ``entities``, the names to
judge: then the lenders' file is not asked. Out: ``id``, ``sentiment``, ``about_lender``,
``negative_entities``, ``allegations``, ``region``, ``facts``, ``duplicate_of`` (the id of an
earlier line that says the same, or null), ``trust`` (below 1 on a damaged page) and ``review`` (a
person should look first); spans are in code points of ``text`` or ``title``.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from data import facts
from data.errors import InputError
from data.model import EvidenceStatus, Lender, Mention, Sentiment, SourceKind
from nlp import about, vote
from nlp.assess import Assessor, Seen, uncollected
from nlp.likeness import Repeats
from nlp.pairs import Case
from nlp.sentiment import Feeling, SentimentModel
from nlp.trust import LOW, doubted

BATCH = 500
KINDS = {
    "complaint": SourceKind.COMPLAINT, "post": SourceKind.POST, "news": SourceKind.NEWS,
    "regulator": SourceKind.REGULATOR, "policy_news": SourceKind.NEWS,
    "lender_pr": SourceKind.NEWS, "anti_collection_ad": SourceKind.OTHER,
    "other": SourceKind.OTHER,
}  # fmt: skip
_NO_ACCOUNT = {"lender_pr", "anti_collection_ad"}  # in these nobody tells what was done to them
_OWN_VOICE = {"complaint", "post"}  # in these somebody speaks for himself
_UPSET = 0.3  # a text that is less likely against anybody than this blames nobody
_ALLEGED = 0.75  # how likely a text that alleges misconduct is against, at least
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)  # nothing is stored, so no time matters


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the input that can be read."""

    id: Any
    kind: str
    mention: Mention
    entities: tuple[str, ...] | None


def assess_file(
    source: Path, out: Path, lenders: Path | None = None, *, voted: bool = False
) -> dict[str, int]:
    """Assess each line of ``source`` into ``out``; return the number of texts.

    ``voted`` asks a transformer where the feeling is unsure (nlp/vote.py). Raises InputError that
    names the line where one is no object with ``id`` and ``text``.
    """
    judge = Judge(facts.lenders(lenders), vote.load() if voted else None)
    gc.freeze()  # or each collection walks through the tables: a tenth of the time
    return {"texts": judge.write(source, out)}


class Judge:
    """Assesses lines with one compiled assessor and the model of companies."""

    def __init__(self, lenders: Sequence[Lender], model: SentimentModel | None = None) -> None:
        """Compile for the lenders of one file; lines with ``entities`` do without them."""
        self._assessor = Assessor(lenders, model=model)
        self._about = about.load()
        self._repeats: Repeats[Any] = Repeats()

    def write(self, source: Path, out: Path) -> int:
        """Assess a file into another, repeats among its own lines; return the number of texts."""
        self._repeats = Repeats()
        count = 0
        encode = json.JSONEncoder(ensure_ascii=False).encode  # dumps makes one for every line
        with source.open(encoding="utf-8-sig") as lines, out.open("w", encoding="utf-8") as target:
            read = (_read(source, n, line) for n, line in enumerate(lines, start=1) if line.strip())
            while batch := list(islice(read, BATCH)):
                with uncollected():
                    target.writelines(f"{encode(row)}\n" for row in self.judge(batch))
                count += len(batch)
        return count

    def judge(self, lines: Sequence[_Line]) -> Iterator[dict[str, Any]]:
        """Yield one answer a line, in order."""
        seen = self._assessor.look_all(
            [line.mention for line in lines], [line.entities or () for line in lines]
        )
        cases = [
            Case(line.mention.text, self._names(line, found), line.mention.title)
            for line, found in zip(lines, seen, strict=True)
        ]
        judged = self._about.judge(cases, [found.feeling.negative for found in seen])
        ids, texts = [line.id for line in lines], [line.mention.text for line in lines]
        firsts = self._repeats.firsts(ids, texts)
        for line, found, case, said, first in zip(lines, seen, cases, judged, firsts, strict=True):
            claims = [] if line.kind in _NO_ACCOUNT else list(_claims(line.mention, found))
            feeling = doubted(_with_claims(found.feeling, claims), found.trust)
            complains = bool(claims) or line.kind in _OWN_VOICE
            sure = complains and feeling.label is Sentiment.NEGATIVE
            blamed = _blamed(case, said, sure=sure) if feeling.negative >= _UPSET else []
            stated = found.facts
            yield {
                "id": line.id,
                "sentiment": _sentiment(feeling),
                "about_lender": _named(case),
                "negative_entities": blamed,
                "allegations": claims,
                "region": stated["region"][0]["value"] if "region" in stated else None,
                "facts": stated,
                "duplicate_of": first,
                "trust": found.trust,
                "review": found.trust < LOW,
            }

    def _names(self, line: _Line, seen: Seen) -> tuple[str, ...]:
        """Return the names to judge: those given, else the words in which lenders are named."""
        if line.entities is not None:
            return line.entities
        return tuple(dict.fromkeys(n.words for names in seen.names.values() for n in names))


def _read(source: Path, number: int, line: str) -> _Line:
    where = f"{source}, line {number}"
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: no JSON ({error.msg}); one object a line is needed") from None
    if not isinstance(row, dict) or "id" not in row or not isinstance(row.get("text"), str):
        raise InputError(f'{where}: "id" and "text" are needed; add them')
    title, kind = row.get("title") or "", str(row.get("source_kind") or "other")
    if kind not in KINDS:
        raise InputError(f'{where}: source_kind "{kind}" is none of {", ".join(KINDS)}')
    entities = row.get("entities")
    if entities is not None and not (
        isinstance(entities, list) and all(isinstance(name, str) for name in entities)
    ):
        raise InputError(f'{where}: "entities" is no list of names')
    text = row["text"] if row["text"].strip() or str(title).strip() else "。"  # nothing said
    mention = Mention(
        source="file", native_id=str(number), kind=KINDS[kind], url="", fetched_at=_NEVER,
        text=text, title=str(title),
    )  # fmt: skip
    return _Line(row["id"], kind, mention, None if entities is None else tuple(entities))


def _claims(mention: Mention, seen: Seen) -> Iterator[dict[str, Any]]:
    for field, body in (("title", mention.title), ("text", mention.text)):
        for claim in seen.readings[field].claims:
            yield {
                "id": claim.allegation,
                "field": field,
                "start": claim.start,
                "end": claim.end,
                "quote": body[claim.start : claim.end],
                "status": claim.status.value,
            }


def _with_claims(feeling: Feeling, claims: Iterable[dict[str, Any]]) -> Feeling:
    """Whoever alleges misconduct does not praise, whatever the model thinks of the words."""
    if feeling.negative >= _ALLEGED or not any(
        claim["status"] != EvidenceStatus.CLAIMED for claim in claims
    ):
        return feeling
    rest = (1 - _ALLEGED) / max(1e-9, 1 - feeling.negative)
    return Feeling(_ALLEGED, feeling.neutral * rest, feeling.positive * rest)


def _sentiment(feeling: Feeling) -> dict[str, Any]:
    shares = {"neg": feeling.negative, "neu": feeling.neutral, "pos": feeling.positive}
    return {
        "label": feeling.label.value,
        "score": feeling.score,
        "probabilities": {name: round(share, 4) for name, share in shares.items()},
    }


def _blamed(case: Case, said: about.Judgement, *, sure: bool) -> list[str]:
    """Return whom the text is against; ``sure`` that it is, at least the likeliest it names."""
    blamed = [name for name, meant in zip(case.entities, said.blamed, strict=True) if meant]
    if blamed or not sure:
        return blamed
    told = zip(said.logits, case.entities, strict=True)
    named = [(logit, name) for logit, name in told if _stands(name, case)]
    return [max(named)[1]] if named else []


def _named(case: Case) -> bool:
    return any(_stands(name, case) for name in case.entities)


def _stands(name: str, case: Case) -> bool:
    return bool(name) and (name in case.text or name in case.title)
