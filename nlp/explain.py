"""Why we think so: names, words for and against, allegations with clauses, what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from data import facts
from data.facts.rules import rules
from data.model import Allegation, EvidenceStatus, Lender, Mention, SourceKind
from nlp.assess import Assessor
from nlp.clauses import Force, Touched, happened, in_force, touched
from nlp.doubts import Doubt
from nlp.readings import Claim, LeftOut
from nlp.sentiment import Feeling
from nlp.trust import LOW, doubted, gravity

_MOST_WORDS = 12
_ENOUGH = 0.02  # a push smaller than this is no reason
_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)  # explaining stores nothing, so no time matters


@dataclass(frozen=True, slots=True)
class ExplainedAllegation:
    """An allegation in the text, with the clauses that it may touch (可能触及)."""

    allegation: Allegation
    field: str  # title or text
    quote: str
    start: int
    end: int
    status: EvidenceStatus = EvidenceStatus.ALLEGED


@dataclass(frozen=True, slots=True)
class ExplainedSilence:
    """Words that look like an allegation and are not counted, and why."""

    allegation: Allegation
    quote: str
    doubt: Doubt
    detail: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that a decision about one text rests on."""

    text: str
    title: str
    names: tuple[tuple[str, str], ...]  # lender's slug and the words that name it
    feeling: Feeling
    words: tuple[tuple[str, float], ...]  # word, push: + for, - against
    allegations: tuple[ExplainedAllegation, ...]
    left_out: tuple[ExplainedSilence, ...]
    severity: int
    facts: Mapping[str, Sequence[Mapping[str, Any]]]
    day: date | None  # on which it happened: what was in force then is shown
    made_by: str
    trust: float = 1.0  # less on a damaged page

    def lines(self) -> list[str]:
        """Return the explanation as lines for a terminal, in Chinese."""
        named = "、".join(f"{words}（{slug}）" for slug, words in self.names)
        found = [f"提到：{named or '未提到名单中的机构'}"]
        if self.trust < 1:
            look = "，请先核对原文" if self.trust < LOW else ""
            found.append(f"可信度：{self.trust:.2f}（页面有乱码或注音{look}）")
        feeling = self.feeling
        found.append(
            f"情感：{_ZH[feeling.label.value]}  得分 {feeling.score:+.2f}"
            f"（负 {feeling.negative:.2f} 中 {feeling.neutral:.2f} 正 {feeling.positive:.2f}）"
        )
        found.append("  词语：" + "  ".join(f"{word} {push:+.2f}" for word, push in self.words))
        found.append(f"指控：{len(self.allegations)} 处，最高严重程度 {self.severity}")
        for item in self.allegations:
            found += _allegation_lines(item, self.day)
        found += _fact_lines(self)
        if self.left_out:
            found.append("未采纳：")
        for out in self.left_out:
            why = (
                f"{out.doubt.value}：{out.detail}"
                if out.doubt is Doubt.CONTEXT
                else out.doubt.value
            )
            found.append(f"  {out.allegation.zh}「{out.quote}」—— {why}")
        return [*found, f"版本：{self.made_by}"]


def explain(
    text: str,
    lenders: Sequence[Lender],
    kind: SourceKind = SourceKind.COMPLAINT,
    title: str = "",
    published: datetime | None = None,
) -> Explanation:
    """Explain one text as if a source of ``kind`` had carried it.

    A text that names no lender is read all the same. ``published`` limits the day of the event.
    """
    return Explainer(Assessor(lenders)).explain(text, kind, title, published)


def report(
    text: str,
    title: str = "",
    lenders: Path | None = None,
    published: datetime | None = None,
    allegations: Path | None = None,
) -> str:
    """Return the explanation for a terminal, for the facts of two files. Raises FactError."""
    assessor = Assessor(facts.lenders(lenders), facts.allegations(allegations))
    found = Explainer(assessor).explain(text, title=title, published=published)
    return "\n".join(found.lines())


class Explainer:
    """Explains texts with one compiled assessor."""

    def __init__(self, assessor: Assessor) -> None:
        """Keep the assessor and its taxonomy by id."""
        self._assessor = assessor
        self._taxonomy = {allegation.id: allegation for allegation in assessor.taxonomy}

    def explain(
        self,
        text: str,
        kind: SourceKind = SourceKind.COMPLAINT,
        title: str = "",
        published: datetime | None = None,
    ) -> Explanation:
        """Return what stands in ``text`` and ``title`` and why it counts or does not."""
        mention = Mention(
            source="terminal", native_id="1", kind=kind, url="", text=text, title=title,
            fetched_at=_SOME_DAY,
        )  # fmt: skip
        seen = self._assessor.look(mention)
        allegations, left_out = [], []
        for field, body in (("title", title), ("text", text)):
            reading = seen.readings[field]
            allegations += [self._found(field, body, claim) for claim in reading.claims]
            left_out += [self._silence(body, out) for out in reading.left_out]
        names = dict.fromkeys((n.subject, n.words) for ns in seen.names.values() for n in ns)
        words = self._assessor.model.contributions(seen.nameless[1], seen.nameless[0])
        return Explanation(
            text=text,
            title=title,
            names=tuple(names),
            feeling=doubted(seen.feeling, seen.trust),
            words=tuple((w, p) for w, p in words if abs(p) > _ENOUGH)[:_MOST_WORDS],
            allegations=tuple(allegations),
            left_out=tuple(left_out),
            severity=gravity(
                max((item.allegation.severity for item in allegations), default=0),
                seen.trust,
                kind,
                [item.allegation.id for item in allegations],
            ),
            facts=seen.facts,
            day=happened(f"{title}\n{text}", published),
            made_by=self._assessor.made_by,
            trust=seen.trust,
        )

    def _found(self, field: str, body: str, claim: Claim) -> ExplainedAllegation:
        quote = body[claim.start : claim.end]
        allegation = self._taxonomy[claim.allegation]
        span = claim.start, claim.end
        return ExplainedAllegation(allegation, field, quote, *span, claim.status)

    def _silence(self, body: str, out: LeftOut) -> ExplainedSilence:
        quote = body[out.claim.start : out.claim.end]
        detail = out.detail if out.doubt is Doubt.CONTEXT else ""
        return ExplainedSilence(self._taxonomy[out.claim.allegation], quote, out.doubt, detail)


_ZH = {"neg": "负面", "neu": "中性", "pos": "正面"}
_FIELDS = {"title": "标题", "text": "正文"}
_BASIS = {"direct": "对照", "possible": "可能触及", "context": "视机构类型"}
_UNCERTAIN = {"secondary", "general_knowledge"}


_STATUS = {"alleged": "称已发生", "threatened": "称被威胁", "reported": "报道称"}
_SLOTS = {
    "region": "地点", "amounts": "金额", "days_overdue": "逾期天数", "calls": "来电",
    "times": "钟点", "collector": "催收方", "visitors": "上门人数", "third_parties": "第三人",
    "garbled": "乱码",
}  # fmt: skip


def _allegation_lines(item: ExplainedAllegation, day: date | None) -> list[str]:
    allegation = item.allegation
    how = _STATUS[item.status.value]
    quote = f"「{item.quote}」 {_FIELDS[item.field]}第 {item.start}–{item.end} 字，{how}"
    found = touched(allegation, day, rules())
    lines = [f"  [{allegation.severity}] {allegation.zh}（{allegation.id}）{quote}"]
    lines += [f"      {_clause(one)}" for one in in_force(found)]
    late = dict.fromkeys(one.rule.title for one in found if one.force is Force.NO)
    return lines + [f"      不适用：《{title}》{Force.NO.value}（{day}）" for title in late]


def _clause(one: Touched) -> str:
    clause = one.clause
    doubt = "（条文待核）" if clause.verified in _UNCERTAIN else ""
    doubt += f"（{one.force.value}）" if one.force is Force.UNKNOWN else ""
    return f"{_BASIS[clause.basis]}：《{one.rule.title}》{clause.article}{doubt}"


def _fact_lines(explanation: Explanation) -> list[str]:
    stated = [
        f"  {_SLOTS[slot]}：" + "；".join(_fact(explanation, fact) for fact in found)
        for slot, found in explanation.facts.items()
    ]
    return ["文中所述：", *stated] if stated else []


def _fact(explanation: Explanation, fact: Mapping[str, Any]) -> str:
    value = fact["value"]
    parts = [str(part) for part in value.values()] if isinstance(value, dict) else [str(value)]
    plain = "、".join(_VALUES.get(part, part.removesuffix(".0")) for part in parts if part)
    body = explanation.text if fact["field"] == "text" else explanation.title
    words = body[fact["start"] : fact["end"]]
    return f"{plain}「{words}」" if len(words) <= _LONG_QUOTE else f"{plain}"


_LONG_QUOTE = 40
_VALUES = {
    "principal": "本金", "fee": "费用", "other": "其他", "day": "每天", "half_day": "半天",
    "hour": "每小时", "attempted": "拨打", "answered": "接通", "unanswered": "未接",
    "relatives": "亲属", "work": "单位", "acquaintances": "熟人",
    "True": "22:00–8:00 之间", "False": "日间",
}  # fmt: skip
