"""Writes complaints: who, what was done, what came of it, what is wanted; and their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from data.model import SHANGHAI, Sentiment
from data.scenarios.cast import Cast, Company
from data.scenarios.chance import chance, draw, several
from data.scenarios.draft import HEIMAO, Draft, whole
from data.scenarios.grammar import Pen, table
from data.scenarios.habits import spell
from data.scenarios.marks import plain
from data.scenarios.people import person

MIX: Mapping[str, Any] = table("mix")
_OPENS, _CLOSES = 9, 18
_COMPLAINER = "消费者"
"""In the steps the platform's word stands for the handle."""


@dataclass(frozen=True, slots=True)
class Tale:
    """What a complaint is to tell: its frame, its acts and what the form says about it."""

    frame: str
    acts: tuple[str, ...]
    issue: str


@dataclass(slots=True)
class Complainer:
    """Writes complaints about the companies of a cast."""

    rng: Random
    pen: Pen
    cast: Cast

    def ordinary(self, company: Company, at: datetime) -> Draft:
        """Write one complaint of an ordinary day."""
        if company is not self.cast.own and chance(self.rng, 0.06):
            return self.grave(company, at)
        return self.write(company, at, self._tale())

    def grave(self, company: Company, at: datetime) -> Draft:
        """Write a complaint that tells an act of the gravest sort."""
        act = draw(self.rng, MIX["grave"])
        frame = MIX["frame_of"].get(act, "overdue")
        others = self._acts(MIX["topics"]["collection"]["acts"], 1) if frame == "overdue" else ()
        return self.write(company, at, Tale(frame, (act, *others), "不当催收"))

    def tells(self, company: Company, at: datetime, topic: str) -> Draft:
        """Write a complaint on a topic of mix.yaml."""
        return self.write(company, at, self._told(topic))

    def write(
        self, company: Company, at: datetime, tale: Tale, facts: Mapping[str, str] | None = None
    ) -> Draft:
        """Write a complaint that tells ``tale``; ``facts`` replace those of the person drawn."""
        given = {**person(self.rng, self.cast, company, at), **(facts or {})}
        given["acts"] = self.clauses(tale.acts, given)
        body = self.pen.write(f"frame_{tale.frame}", given)
        text = spell(self.rng, body, given["city"], given["lender"])
        if chance(self.rng, 0.14):  # the form adds what was ticked
            text += "\n" + self.pen.write("tail", given)
        title = self.pen.write(f"title_{tale.frame}", given)
        return self.file(company, at, title, text, tale.issue, given)

    def file(
        self,
        company: Company,
        at: datetime,
        title: str,
        text: str,
        issue: str,
        given: Mapping[str, str],
    ) -> Draft:
        """Hand a written text in at the platform, which reviews it and passes it on."""
        visible = at + timedelta(minutes=min(45, 2 + self.rng.expovariate(1 / 9)))
        author = self.pen.write("handle", given)
        steps = _Steps(self.rng, self.pen, company, given).after(at, visible)
        extra = {
            "couid": company.couid,
            "company": company.formal,
            "issue": issue,
            "appeal": ",".join(self.rng.sample(MIX["appeal"], self.rng.randint(1, 3))),
            "cost": given["cost"],
            "steps": steps,
        }
        return Draft(
            source=HEIMAO,
            published_at=at,
            visible_at=visible,
            title=title,
            text=text,
            about=self.cast.about(company, plain(title + text)),
            sentiment=Sentiment.NEGATIVE,
            content="complaint",
            author=author,
            outlet="黑猫投诉",
            status=_status(steps),
            extra=extra,
        )

    def clauses(self, acts: Sequence[str], given: Mapping[str, str]) -> str:
        """Tell the acts one after the other, as marked text without a last full stop."""
        told = [self.pen.write(act, given) for act in acts]
        joined = told[:1]
        for clause in told[1:]:
            joined += [self.pen.write("then", given), clause]
        return "".join(joined) + "。"

    def _tale(self) -> Tale:
        topics = MIX["topics"]
        return self._told(draw(self.rng, {name: topics[name]["weight"] for name in topics}))

    def _told(self, name: str) -> Tale:
        topic = MIX["topics"][name]
        most = 3 if name == "collection" else 2
        count = 1 if name == "slogan" else self.rng.randint(1, most)
        acts = self._acts(topic["acts"], count) if topic["acts"] else ()
        return Tale(topic["frame"], acts, self.rng.choice(topic["issue"]))

    def _acts(self, weights: Mapping[str, float], count: int) -> tuple[str, ...]:
        return several(self.rng, weights, count)


@dataclass(frozen=True, slots=True)
class _Steps:
    """What happens to a complaint after it was filed."""

    rng: Random
    pen: Pen
    company: Company
    given: Mapping[str, str]

    def after(self, filed: datetime, visible: datetime) -> list[dict[str, str]]:
        name = self.company.formal
        steps = [
            self._step(_COMPLAINER, "发起投诉", filed),
            self._step("黑猫投诉", "审核通过", visible),
        ]
        at = visible + timedelta(hours=self.rng.lognormvariate(3.2, 0.7))
        if chance(self.rng, 0.82):  # most are answered, after about a day
            at = self._at_work(at)
            steps.append(self._step(name, "回复", at, "reply"))
            if chance(self.rng, 0.3):
                at += timedelta(hours=self.rng.uniform(2, 60))
                steps.append(self._step(_COMPLAINER, "补充投诉", at, "more"))
            if chance(self.rng, 0.45):
                at = self._at_work(at + timedelta(hours=self.rng.uniform(8, 90)))
                steps.append(self._step(name, "申请完成投诉", at, "solution"))
                at += timedelta(hours=self.rng.uniform(3, 72))
                steps.append(self._step(_COMPLAINER, "确认完成", at, "confirm"))
        return steps

    def _at_work(self, at: datetime) -> datetime:
        """Move a moment into the next office hours: companies do not answer at night."""
        local = at.astimezone(SHANGHAI)
        if _OPENS <= local.hour < _CLOSES:
            return at
        day = local + timedelta(days=local.hour >= _CLOSES)
        return day.replace(hour=_OPENS) + timedelta(hours=self.rng.uniform(0, 3))

    def _step(self, by: str, what: str, at: datetime, rule: str = "") -> dict[str, str]:
        text = self.pen.write(rule, self.given) if rule else ""
        return {
            "by": by,
            "what": what,
            "at": whole(at).astimezone(SHANGHAI).isoformat(),
            "text": text,
        }


def _status(steps: Sequence[Mapping[str, str]]) -> str:
    """Return the platform's word for where the steps end."""
    done = {step["what"] for step in steps}
    if "确认完成" in done:
        return "已完成"
    return "已回复" if "回复" in done else "处理中"
