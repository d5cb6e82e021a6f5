"""Writes what is not a complaint: forum posts, news and penalty notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from data.model import Sentiment
from data.scenarios.cast import Cast, Company
from data.scenarios.chance import chance, draw, several
from data.scenarios.complaints import MIX, Complainer
from data.scenarios.draft import GUBA, NEWS, NFRA, Draft
from data.scenarios.grammar import Pen, rules, table
from data.scenarios.habits import spell, tidy
from data.scenarios.marks import plain, sentences
from data.scenarios.people import person

_RIVAL_POSTS = 0.12
_SENTIMENT = {"neg": Sentiment.NEGATIVE, "neu": Sentiment.NEUTRAL, "pos": Sentiment.POSITIVE}
_FORMAL = {"advice", "job_ad", "fiction", "anti_collection_ad"}
"""Nobody writes these in dialect."""
_FRAMED = {f"b_{kind}" for kind in MIX["posts"]} - {"b_advice", "b_job_ad", "b_debt_ad"}
_LONGEST_TITLE = 26
_OFFICES = ("金融监管总局{}监管局", "{}金融监管分局", "国家金融监督管理总局{}监管局")


@dataclass(slots=True)
class Voices:
    """Everybody who writes in a plan."""

    rng: Random
    cast: Cast
    pen: Pen
    complainer: Complainer

    @classmethod
    def of(cls, rng: Random, cast: Cast) -> Voices:
        """Gather them around one source of chance."""
        pen = Pen(rng)
        return cls(rng, cast, pen, Complainer(rng, pen, cast))

    def person(self, at: datetime, company: Company | None = None) -> dict[str, str]:
        """Draw somebody who writes about a company (ours, if none is given)."""
        given = person(self.rng, self.cast, company or self.cast.own, at)
        # what a headline and its summary, or a title and its text, must agree on
        kept = {"size": "small", "fined": "fine", "plan": "plan", "policy": "policy"}
        kept |= {"rated": "small_rate", "lake_spot": "lake_spot"}
        return given | {name: self.pen.write(rule, given) for name, rule in kept.items()}

    def complaint(self, at: datetime) -> Draft:
        """Write an ordinary complaint about our lender."""
        return self.complainer.ordinary(self.cast.own, at)

    def rival_complaint(self, at: datetime) -> Draft:
        """Write an ordinary complaint about a rival."""
        return self.complainer.ordinary(self.rng.choice(self.cast.rivals), at)

    def post(self, at: datetime, kind: str = "") -> Draft:
        """Write an ordinary forum post, of a kind of mix.yaml or any."""
        kind = kind or draw(self.rng, {k: v["weight"] for k, v in self._kinds("posts").items()})
        meaning = MIX["posts"][kind]
        company = self.cast.own
        if self.cast.rivals and meaning["about"] == "own" and chance(self.rng, _RIVAL_POSTS):
            company = self.rng.choice(self.cast.rivals)
        given = self.person(at, company)
        if kind == "rant":
            given["acts"] = self._ranted(given)
        about = company if meaning["about"] == "own" else None
        return self.posted(at, f"t_{kind}", f"b_{kind}", given, meaning, about)

    def _ranted(self, given: Mapping[str, str]) -> str:
        topics = ("collection", "collection", "fees", "refund", "marketing", "service")
        acts = MIX["topics"][self.rng.choice(topics)]["acts"]
        chosen = several(self.rng, acts, self.rng.choice((1, 1, 2)))
        return self.complainer.clauses(chosen, given).rstrip("。")

    def posted(
        self,
        at: datetime,
        title_rule: str,
        body_rule: str,
        given: Mapping[str, str],
        meaning: Mapping[str, str],
        company: Company | None,
    ) -> Draft:
        """Write a forum post by two rules. Half the titles are the body's first words."""
        body = tidy(self.pen.write(body_rule, given))
        text = body
        if body_rule in _FRAMED:
            text = tidy(self.pen.write("post_frame", {**given, "body": body}))
        if meaning["content"] not in _FORMAL:
            text = spell(self.rng, text, given["city"], given["lender"])
        title = self._headed(title_rule, body, given)
        words = plain(title + text)
        bar = (company or self.cast.own).bar
        return Draft(
            source=GUBA,
            published_at=at,
            visible_at=at + timedelta(seconds=self.rng.randint(4, 50)),
            title=title,
            text=text,
            about=self.about(company, words),
            sentiment=_SENTIMENT[meaning["sentiment"]],
            content=meaning["content"],
            author=self.pen.write("handle", given).replace(
                "匿名用户", "股友" + self.pen.write("digits", given)
            ),
            outlet="东方财富股吧",
            reach=int(self.rng.lognormvariate(4.6, 1.1)),
            bar=bar,
        )

    def _headed(self, rule: str, text: str, given: Mapping[str, str]) -> str:
        """Give a post its title: by a rule, or, as half the people do, its own first words."""
        first = (sentences(text) or [""])[0].rstrip("。，")
        if rule in rules() and (len(plain(first)) > _LONGEST_TITLE or chance(self.rng, 0.5)):
            return tidy(self.pen.write(rule, given))
        if len(plain(first)) > _LONGEST_TITLE:
            return (
                plain(first)[:_LONGEST_TITLE].rpartition("，")[0] or plain(first)[:_LONGEST_TITLE]
            )
        return first

    def about(self, company: Company | None, marked: str) -> tuple[str, ...]:
        """Name whom a post is about: all of us that it names, unless it is about no company."""
        words = plain(marked)
        chosen = [company, self.cast.own, *self.cast.rivals] if company else []
        named = dict.fromkeys(c.lender.slug for c in chosen if c.named_in(words))
        return (*named, *self.cast.about(None, words))

    def news(self, at: datetime, kind: str = "") -> Draft:
        """Write an ordinary news item, of a kind of mix.yaml or any."""
        kind = kind or draw(self.rng, {k: v["weight"] for k, v in self._kinds("news").items()})
        meaning = MIX["news"][kind]
        company = self.cast.own if meaning["about"] == "own" else None
        given = self.person(at)
        if meaning["about"] == "rival":
            company = self.rng.choice(self.cast.rivals)
            given |= {"rival": company.called(self.rng), "product": company.products[0]}
        return self.printed(at, f"n_{kind}", given, meaning, company)

    def printed(
        self,
        at: datetime,
        rule: str,
        given: Mapping[str, str],
        meaning: Mapping[str, str],
        company: Company | None,
    ) -> Draft:
        """Write a news item by one rule: headline // summary. News uses full names."""
        formal = {
            **given,
            "lender": self.rng.choice(
                self.cast.own.lender.names[1:3] or self.cast.own.lender.names
            ),
        }
        title, text = (tidy(half) for half in self.pen.write(rule, formal).split("//"))
        if rule.startswith("n_"):
            frame = "own_frame" if company is self.cast.own else "news_frame"
            frame = "lake_frame" if rule == "n_lake" else frame
            text = tidy(self.pen.write(frame, {**formal, "body": text}))
        words = plain(title + text)
        named = [c for c in (self.cast.own, *self.cast.rivals) if c.named_in(words)]
        if meaning["content"] == "namesake":
            named = []
        about = tuple(dict.fromkeys(c.lender.slug for c in ([company] if company else []) + named))
        partners = self.cast.about(None, words)
        return Draft(
            source=NEWS,
            published_at=at,
            visible_at=at + timedelta(seconds=self.rng.randint(40, 600)),
            title=title,
            text=text,
            about=about + partners,
            sentiment=_SENTIMENT[meaning["sentiment"]],
            content=meaning["content"],
            outlet=self.rng.choice(self.cast.companies["media"]),
        )

    def notice(self, at: datetime, company: Company | None = None) -> list[Draft]:
        """Write a penalty notice with one to three rows, mostly about banks we do not watch."""
        given = self.person(at)
        office = self.rng.choice(_OFFICES).format(given["city"])
        heading = f"{office}行政处罚信息公示列表（{given['date_plain']}）"
        parties = self.rng.sample(self._punishable(), self.rng.choice((1, 1, 2, 3)))
        if company:
            parties = [company.lender.names[0]]
        return [self._row(at, heading, office, party, given) for party in dict.fromkeys(parties)]

    def _punishable(self) -> list[str]:
        banks = self.cast.companies["banks"]
        branches = [f"{bank}股份有限公司{city}分行" for bank in banks for city in table("places")]
        small = [f"{name}有限责任公司" for name in self.cast.companies["lenders"]]
        return branches + small + [rival.lender.names[0] for rival in self.cast.rivals]

    def _row(
        self, at: datetime, heading: str, office: str, party: str, given: Mapping[str, str]
    ) -> Draft:
        violation, penalty = self.pen.write("violation", given), self.pen.write("penalty", given)
        companies = (self.cast.own, *self.cast.rivals)
        about = next((c for c in companies if party in c.lender.names), None)
        said = (
            f"当事人：{party}。主要违法违规行为：{violation}。"
            f"行政处罚内容：{penalty}。作出决定机关：{office}。"
        )
        return Draft(
            source=NFRA,
            published_at=at,
            visible_at=at + timedelta(seconds=30),
            title=heading,
            text=said,
            about=self.cast.about(about, said),
            sentiment=Sentiment.NEGATIVE,
            content="notice",
            outlet=office,
            extra={"party": party, "violation": violation, "penalty": penalty, "authority": office},
        )

    def _kinds(self, family: str) -> dict[str, Mapping[str, float]]:
        """Return the kinds that this cast can fill."""
        kinds: Mapping[str, Mapping[str, float]] = MIX[family]
        lakes = {"namesake", "lake"} if not self.cast.nickname else set()
        rivals = {"rival_good", "rival_bad"} if not self.cast.rivals else set()
        return {name: kinds[name] for name in kinds if name not in lakes | rivals}
