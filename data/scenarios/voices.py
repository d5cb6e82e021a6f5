"""Writes what is not a complaint: forum posts, news and penalty notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from data.model import Sentiment
from data.scenarios.cast import Cast, Company
from data.scenarios.complaints import MIX, Complainer, draw, several
from data.scenarios.draft import GUBA, NEWS, NFRA, Draft
from data.scenarios.grammar import Pen
from data.scenarios.habits import spell, tidy
from data.scenarios.marks import plain, sentences
from data.scenarios.people import person

_RIVAL_POSTS = 0.12
_SENTIMENT = {"neg": Sentiment.NEGATIVE, "neu": Sentiment.NEUTRAL, "pos": Sentiment.POSITIVE}
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
        return person(self.rng, self.cast, company or self.cast.own, at)

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
        if self.cast.rivals and meaning["about"] == "own" and self.rng.random() < _RIVAL_POSTS:
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
        title = tidy(self.pen.write(title_rule, given))
        text = spell(self.rng, self.pen.write(body_rule, given), given["city"], given["lender"])
        first = sentences(text)[:1]
        if first and len(plain(first[0])) <= _LONGEST_TITLE and self.rng.random() < 0.5:  # noqa: PLR2004
            title = first[0].rstrip("。，")
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
            author=self.pen.write("handle", given).replace("匿名用户", "股友" + self.pen.write("digits", given)),
            outlet="东方财富股吧",
            reach=int(self.rng.lognormvariate(4.6, 1.1)),
            bar=bar,
        )

    def about(self, company: Company | None, marked: str) -> tuple[str, ...]:
        """Name whom a post is about: the company if the words name it, and a partner of ours."""
        words = plain(marked)
        return self.cast.about(company if company and self._named(company, words) else None, words)

    def _named(self, company: Company, words: str) -> bool:
        """Tell whether the company, or a product of it, is in the words."""
        names = (*company.lender.names, *company.products, company.app)
        starred = any(f"{name[0]}*{name[2:]}" in words for name in names if len(name) > 3)  # noqa: PLR2004
        return starred or any(name in words for name in names)

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
        formal = {**given, "lender": self.cast.own.lender.names[self.rng.choice((1, 1, 2))]}
        title, text = (tidy(half) for half in self.pen.write(rule, formal).split("//"))
        words = plain(title + text)
        named = [c for c in (self.cast.own, *self.cast.rivals) if self._named(c, words)]
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
        branches = [f"{bank}股份有限公司{where}分行" for bank in self.cast.companies["banks"] for where in "东南西北"]
        small = [f"{name}有限责任公司" for name in self.cast.companies["lenders"]]
        return branches + small + [rival.lender.names[0] for rival in self.cast.rivals]

    def _row(
        self, at: datetime, heading: str, office: str, party: str, given: Mapping[str, str]
    ) -> Draft:
        violation, penalty = self.pen.write("violation", given), self.pen.write("penalty", given)
        companies = (self.cast.own, *self.cast.rivals)
        about = next((c for c in companies if party in c.lender.names), None)
        said = f"当事人：{party}。主要违法违规行为：{violation}。行政处罚内容：{penalty}。作出决定机关：{office}。"
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
        """Return the kinds that this cast can fill: no lake without a namesake, no rival without one."""
        kinds: Mapping[str, Mapping[str, float]] = MIX[family]
        lakes = {"namesake", "lake"} if not self.cast.nickname else set()
        rivals = {"rival_good", "rival_bad"} if not self.cast.rivals else set()
        return {name: kinds[name] for name in kinds if name not in lakes | rivals}
