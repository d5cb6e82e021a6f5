"""The names people know things by: sources, allegations, levels and lenders, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.words import Words
from data.facts import english
from data.facts.allegations import Group
from data.facts.levels import LevelFact, levels
from data.facts.playbook import playbook
from data.facts.rules import Rule
from data.facts.sources import SourceFact
from data.model import GONE, Allegation, Clause, Lender, Level, Role


@dataclass(frozen=True, slots=True)
class Naming:
    """Look-ups from slugs to names; what no file names keeps its slug."""

    t: Words
    allegations: Mapping[str, Allegation]
    groups: Mapping[str, Group]
    rules: Mapping[str, Rule]
    sources: Mapping[str, SourceFact]
    lenders: Mapping[str, Lender]
    levels: Mapping[Level, LevelFact] = field(default_factory=levels)

    def allegation(self, key: str) -> str:
        """Return what is alleged, in words."""
        fact = self.allegations.get(key)
        return self._one(fact.zh, fact.en) if fact else key

    def source(self, key: str) -> str:
        """Return the name of a public place."""
        fact = self.sources.get(key)
        return self._one(fact.zh, fact.en) if fact else key

    def is_source(self, key: str, outlet: str) -> bool:
        """Tell whether an outlet is just the source's own name again."""
        fact = self.sources.get(key)
        return fact is not None and outlet in {fact.zh, fact.en}

    def status(self, words: str) -> str:
        """Return a platform's own words, or ours for what it shows no longer."""
        return self.t("card.gone") if words == GONE else self.t.of("platform", words)

    def place(self, zh: str) -> str:
        """Return the name of a province or a city."""
        return self._one(zh, english.place(zh))

    def short_place(self, zh: str) -> str:
        """Return what stands for a province where its name does not fit."""
        return self._one(zh, english.code(zh))

    def article(self, zh: str) -> str:
        """Return what an article of a rule is called: 第四十一条 or Article 41."""
        return self._one(zh, english.article(zh))

    def lender(self, key: str) -> str:
        """Return the name of a company."""
        fact = self.lenders.get(key)
        return self._one(fact.zh, fact.en) if fact else key

    def watched(self) -> tuple[str, ...]:
        """Return whom a visitor may look at: the customer's companies, then the rivals."""
        subjects = {fact.subject for fact in self.lenders.values() if fact.role is Role.CUSTOMER}
        rivals = {fact.subject for fact in self.lenders.values() if fact.role is Role.RIVAL}
        return tuple(
            slug
            for group in (subjects, rivals - subjects)
            for slug in self.lenders
            if slug in group
        )

    def level(self, level: Level) -> str:
        """Return 红色 or Red."""
        fact = self.levels[level]
        return self._one(fact.zh, fact.en)

    def icon(self, level: Level) -> str:
        """Return the sign that goes with a level, so that it is never colour alone."""
        return self.levels[level].icon

    def series(self, key: str) -> str:
        """Return what a signal watched, in words: negative, group:…, mention:…, an allegation."""
        kind, _, rest = key.partition(":")
        if kind == "group":
            return self.group(rest)
        known = self.t.of("series", kind)
        return known if known != kind else self.allegation(key)

    def group(self, key: str) -> str:
        """Return the words for a family of allegations."""
        fact = self.groups.get(key)
        return self._one(fact.zh, fact.en) if fact else key

    def story(self, key: str, title: str, n: int) -> str:
        """Return an incident's title: written in Chinese, made anew in English of the same words.

        A key is ``group@place``, ``routine:group``, or one of a few words; others keep their title,
        which begins with the place and what most of its mentions allege.
        """
        if self.t.language == "zh":
            return title
        head, _, place = key.removeprefix("routine:").partition("@")
        told = title.partition("：")[0].removeprefix(place).removesuffix("等严重投诉")
        family = self.groups[head].en if head in self.groups else self.t.of("story", head)
        what = self._english.get(_bare(told), family)
        if what == head:
            return title
        return self.t(
            "incident.story", what=what, place=f" · {self.place(place)}" if place else "", n=n
        )

    @property
    def _english(self) -> dict[str, str]:
        return {_bare(fact.zh): fact.en for fact in self.allegations.values()}

    def step(self, key: str) -> str:
        """Return the words for a step of the playbook."""
        found = next((step for step in playbook() if step.id == key), None)
        return self._one(found.zh, found.en) if found else key

    def figure(self, key: str) -> str:
        """Return what a figure of the models measures: ``allegations, texts, test: recall``."""
        what, _, measure = key.partition(": ")
        parts = [*what.split(", "), *([measure] if measure else [])]
        return " · ".join(self.t.of("figure", part) for part in parts)

    def clauses(self, key: str) -> tuple[tuple[str, str], ...]:
        """Return the clauses an allegation may touch: rule with article, and its gist.

        A clause that rests on what everybody knows, without a source, is not shown.
        """
        fact = self.allegations.get(key)
        checked = [c for c in fact.clauses if c.verified != "general_knowledge"] if fact else []
        return tuple(
            (f"{self.rule(c.rule)} {self.article(c.article)}", self.gist(c)) for c in checked
        )

    def gist(self, clause: Clause) -> str:
        """Return what a clause says, in our own words."""
        return self._one(clause.gist_zh, clause.gist_en)

    def rule(self, key: str) -> str:
        """Return a rule's short name: the number of a standard, else its title."""
        fact = self.rules.get(key)
        if fact is None:
            return key
        if fact.doc_no and fact.binding == "national_standard_recommended":
            return fact.doc_no
        return f"《{fact.title}》" if self.t.language == "zh" else fact.title_en

    def _one(self, zh: str, en: str) -> str:
        return zh if self.t.language == "zh" else en


def _bare(words: str) -> str:
    """Return words without the marks between them: titles leave those out."""
    return "".join(char for char in words if char.isalnum())
