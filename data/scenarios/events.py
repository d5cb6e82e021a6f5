"""Planted crises: an exposure, a grave single case, a rumour, a fee scandal, an apology.

Each planner returns an event and its mentions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from data.scenarios.cast import Company
from data.scenarios.chance import chance, draw, several
from data.scenarios.clock import cascade
from data.scenarios.complaints import MIX, Tale
from data.scenarios.draft import Draft, PlannedEvent
from data.scenarios.format import LevelName
from data.scenarios.marks import sentences
from data.scenarios.people import city_facts
from data.scenarios.voices import Voices

NEGATIVE = {"content": "post", "sentiment": "neg"}
NEUTRAL = {"content": "post", "sentiment": "neu"}
BAD_NEWS = {"content": "news", "sentiment": "neg"}
RUMOUR = {"content": "rumour", "sentiment": "neg"}
DENIAL = {"content": "denial", "sentiment": "neu"}
SPOTS = {"stall": "档口", "school": "校门口", "ward": "病房"}
Plan = tuple[PlannedEvent, list[Draft]]


@dataclass(slots=True)
class Story:
    """An exposure in the making: its facts stay the same, whoever tells them."""

    voices: Voices
    name: str  # stall, school or ward
    facts: Mapping[str, str]
    first: Draft | None = None

    @classmethod
    def set_in(cls, voices: Voices, name: str, city: str, at: datetime) -> Story:
        """Choose the place, the elder and the collector of a story."""
        rng, cast = voices.rng, voices.cast
        person = voices.person(at)
        kept = ("elder", "amount", "days", "surname")
        facts = {key: person[key] for key in kept} | city_facts(rng, city)
        facts["spot"] = SPOTS[name]
        facts["stall"] = voices.pen.write("stall", {})
        facts["collector"] = cast.collectors[0]
        facts["product"] = rng.choice(cast.own.products)
        return cls(voices, name, facts)

    @property
    def own(self) -> Company:
        """The lender it is about."""
        return self.voices.cast.own

    def given(self, at: datetime) -> dict[str, str]:
        """Draw a teller who knows the story's facts, each in wording of their own."""
        given = {**self.voices.person(at), **self.facts}
        for number in "123":
            given[f"f{number}"] = self.voices.pen.write(f"{self.name}_f{number}", given)
            given[f"o{number}"] = self.voices.pen.write(f"{self.name}_o{number}", given)
        return given

    def complaint(self, at: datetime) -> Draft:
        """The first telling, by the person it happened to."""
        voices, given = self.voices, self.given(at)
        given["lender"] = voices.cast.own.formal
        title = voices.pen.write("expose_first_title", given)
        text = voices.pen.write("expose_first", given)
        self.first = voices.complainer.file(voices.cast.own, at, title, text, "暴力催收", given)
        return self.first

    def repost(self, at: datetime) -> Draft:
        """A copy of the first telling's beginning, with a word added."""
        assert self.first is not None
        rng, pen = self.voices.rng, self.voices.pen
        given = self.given(at)
        cut = "".join(sentences(self.first.text)[: rng.randint(2, 5)])
        lead = rng.choice(("转：", "转自黑猫：", "【转】", "原文：", "搬运："))
        copied = {**given, "copy": lead + cut, "note": pen.write("remark", given)}
        draft = self.voices.posted(at, "retell_title", "retell", given, NEGATIVE, self.own)
        text = pen.write_from("[{copy}{note}|{note}{copy}|{copy}]", copied)
        return replace(draft, text=text, about=self.voices.about(self.own, draft.title + text))

    def retelling(self, at: datetime) -> Draft:
        """The story in somebody else's words."""
        return self.voices.posted(at, "retell_title", "retell", self.given(at), NEGATIVE, self.own)

    def comment(self, at: datetime) -> Draft:
        """A remark on the story."""
        return self.voices.posted(
            at, "comment_title", "comment", self.given(at), NEGATIVE, self.own
        )

    def news(self, at: datetime) -> Draft:
        """A report."""
        return self.voices.printed(at, "expose_news", self.given(at), BAD_NEWS, self.own)

    def follow_up(self, at: datetime) -> Draft:
        """Somebody else to whom the like has happened: a complaint or a post."""
        rng, voices = self.voices.rng, self.voices
        acts = several(rng, MIX["uncovered"], rng.choice((1, 2, 2, 3)))
        place = {**self.facts, "days": str(rng.randint(4, 90))}
        for own in ("elder", "surname", "amount", "district"):
            place.pop(own)
        place |= city_facts(rng, self.facts["city"])
        if chance(rng, 0.6):
            return voices.complainer.write(
                voices.cast.own, at, Tale("overdue", acts, "暴力催收"), place
            )
        given = {**self.given(at), **voices.person(at), **place, "spot": self.facts["spot"]}
        given["acts"] = voices.complainer.clauses(acts, given).rstrip("。")
        return voices.posted(at, "comment_title", "follow_up", given, NEGATIVE, self.own)


_EARLY = {"repost": 3, "retelling": 4, "comment": 2.5, "follow_up": 1.2}
_LATER = {"repost": 2, "retelling": 3, "comment": 4.5, "follow_up": 2.4, "news": 1.3}


def exposure(
    story: Story,
    name: str,
    starts_at: datetime,
    times: Sequence[datetime],
    news_after: timedelta = timedelta(hours=3),
) -> Plan:
    """A violent-collection exposure: one complaint, then the forum, then the news.

    ``times`` are those of everything after the first complaint, in order. The first of them is
    a repost, the first after ``news_after`` a report.
    """
    rng = story.voices.rng
    drafts = [story.complaint(starts_at)]
    reported = False
    for at in times:
        late = at - starts_at >= news_after
        role = draw(rng, _LATER if late else _EARLY)
        if len(drafts) == 1:
            role = "repost"
        elif late and not reported:
            role, reported = "news", True
        drafts.append(getattr(story, role)(at))
    return bind(story.voices, name, "violent_collection", drafts, level="orange")


def severe_item(voices: Voices, name: str, at: datetime) -> Plan:
    """One grave complaint that nobody repeats."""
    draft = voices.complainer.grave(voices.cast.own, at)
    return bind(voices, name, "severe_item", [draft], level="yellow")


def rumour(voices: Voices, name: str, starts_at: datetime, count: int, what: str) -> Plan:
    """A rumour (``leak`` or ``bust``) on the forum, taken up once by the news, then denied."""
    rng, own = voices.rng, voices.cast.own
    said = {"leak": ("数据泄露", "客户信息外泄"), "bust": ("停止放款", "被接管", "资金链断裂")}
    word = rng.choice(said[what])
    denied_at = starts_at + timedelta(hours=rng.uniform(5, 9))

    def given(at: datetime) -> dict[str, str]:
        return {**voices.person(at), "rumour": word}

    drafts = []
    for at in [starts_at, *cascade(rng, starts_at, count)]:
        if at > denied_at and chance(rng, 0.6):
            drafts.append(voices.posted(at, f"{what}_title", "denial_post", given(at), DENIAL, own))
        else:
            drafts.append(voices.posted(at, f"{what}_title", what, given(at), RUMOUR, own))
    at = starts_at + timedelta(hours=rng.uniform(2, 4))
    drafts.append(voices.printed(at, "rumour_news", given(at), RUMOUR, own))
    drafts += [
        voices.printed(at, "denial_news", given(at), DENIAL, own)
        for at in cascade(rng, denied_at, 5)
    ]
    return bind(voices, name, "rumour", drafts, level="yellow")


def fee_scandal(voices: Voices, name: str, starts_at: datetime, count: int) -> Plan:
    """A report on hidden fees; people look at their bills, complain and ask for the money back."""
    rng, own = voices.rng, voices.cast.own
    drafts = [voices.printed(starts_at, "scandal_news", voices.person(starts_at), BAD_NEWS, own)]
    # a report is read at once, but bills are looked at one by one, for days
    for echo in cascade(rng, starts_at + timedelta(minutes=20), count):
        at = echo + timedelta(hours=rng.expovariate(1 / 9))
        role = draw(rng, {"complaint": 4.5, "post": 4.5, "news": 1})
        if role == "complaint":
            drafts.append(voices.complainer.tells(own, at, rng.choice(("fees", "refund"))))
        elif role == "news":
            drafts.append(voices.printed(at, "scandal_news", voices.person(at), BAD_NEWS, own))
        else:
            drafts.append(_bill(voices, at))
    return bind(voices, name, "fee_scandal", drafts, level="yellow")


def _bill(voices: Voices, at: datetime) -> Draft:
    given = voices.person(at)
    acts = several(voices.rng, MIX["topics"]["fees"]["acts"], 2)
    given["acts"], given["acts2"] = (
        voices.complainer.clauses([act], given).rstrip("。") for act in acts
    )
    return voices.posted(at, "scandal_title", "scandal_post", given, NEGATIVE, voices.cast.own)


def apology(voices: Voices, name: str, at: datetime, matter: str, count: int) -> Plan:
    """The lender says sorry: its statement, reports of it, and what people make of it."""
    rng, own = voices.rng, voices.cast.own
    drafts: list[Draft] = []
    for when in [at, *cascade(rng, at, count)]:
        given = {**voices.person(when), "matter": matter, "collector": voices.cast.collectors[0]}
        if not drafts or chance(rng, 0.4):
            meaning = {"content": "lender_pr", "sentiment": "neu"}
            drafts.append(voices.printed(when, "statement_news", given, meaning, own))
        else:
            drafts.append(
                voices.posted(when, "statement_title", "statement_post", given, NEUTRAL, own)
            )
    return bind(voices, name, "apology", drafts, level="yellow", trap=True)


def bind(
    voices: Voices,
    name: str,
    kind: str,
    drafts: Sequence[Draft],
    level: LevelName,
    *,
    trap: bool = False,
) -> Plan:
    """Bind drafts to one event that lasts from the first to the last of them."""
    times = [draft.published_at for draft in drafts]
    event = PlannedEvent(
        name, kind, voices.cast.own.lender.slug, min(times), max(times), trap, level
    )
    return event, [replace(draft, event=name) for draft in drafts]
