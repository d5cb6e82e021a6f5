"""Make a digest, keep it, and lay it out: the same store gives the same revision."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from alerts.digest import figures as computing
from alerts.digest import scope as scopes
from alerts.digest.common import Facts
from alerts.digest.figures import Figures
from alerts.digest.forms import mail, tables, text, typeset
from alerts.digest.page import Page, page
from alerts.digest.period import Period
from alerts.digest.scope import Scope
from alerts.digest.words import LANGUAGES, Language
from data import digest_files, facts
from data.facts.levels import levels
from data.settings import Settings
from data.store import digests
from data.store.db import Store
from data.store.digests import Digest

Form = Literal["html", "pdf", "md", "txt", "xlsx"]
FORMS: tuple[Form, ...] = get_args(Form)
PICTURE = "charts.png"


@dataclass(frozen=True, slots=True)
class Made:
    """A kept digest with what laying it out needs."""

    kept: Digest
    base: str

    @property
    def figures(self) -> Figures:
        """All its numbers."""
        return dict(self.kept.content["figures"])

    def page(self, language: Language) -> Page:
        """Return its page in one language."""
        return dict(self.kept.content["pages"][language])


def facts_of(settings: Settings) -> Facts:
    """Return the facts that names are taken from."""
    return Facts(
        lenders={one.slug: one for one in facts.lenders(settings.lenders)},
        allegations={one.id: one for one in facts.allegations(settings.allegations)},
        rules=facts.rules(),
        sources=facts.sources(),
        levels=levels(settings.alerts.levels),
    )


def scope_of(settings: Settings, asked: str | None) -> Scope:
    """Return the scope that was asked for, or that of our company. Raises InputError."""
    known = facts.lenders(settings.lenders)
    return scopes.parse(asked, known) if asked else scopes.ours(known)


def base_of(settings: Settings) -> str:
    """Return where people reach the dashboard, for links."""
    own = f"http://{settings.dashboard.host}:{settings.dashboard.port}"
    return settings.alerts.public_url or own


def make(store: Store, settings: Settings, period: Period, scope: Scope, now: datetime) -> Made:
    """Compute a digest and keep it; unchanged figures give the revision that is kept already."""
    with store.read() as conn:
        found = computing.compute(conn, scope, period, facts_of(settings))
        last = digests.latest(conn, period.id, scope.id)
    mark = computing.digest(found)
    if last is None or last.hash != mark:
        last = _new(found, mark, last, now)
        with store.write() as conn:
            digests.put(conn, last)
    return Made(last, base_of(settings))


def _new(found: Figures, mark: str, last: Digest | None, now: datetime) -> Digest:
    revision = last.revision + 1 if last else 1
    previous = last.content["figures"] if last else None
    pages = {language: page(found, language, revision, previous) for language in LANGUAGES}
    charts = {language: typeset.svg(one) for language, one in pages.items()}
    content = {"figures": found, "pages": pages, "charts": charts}
    return Digest(found["period"]["id"], found["scope"]["id"], revision, now, mark, content)


def form(made: Made, name: Form, language: Language) -> bytes:
    """Return the digest in one form."""
    one = made.page(language)
    match name:
        case "html":
            return mail.html(one, made.base, PICTURE).encode()
        case "pdf":
            return typeset.pdf(one, made.base)
        case "md":
            return text.markdown(one, made.base).encode()
        case "txt":
            return text.text(one, made.base).encode()
        case _:
            return tables.workbook(one, made.figures, made.base)


def keep(settings: Settings, made: Made) -> None:
    """Write all forms of a digest, in both languages, where the pages offer them; once."""
    kept = made.kept
    for language in LANGUAGES:
        for name in FORMS:
            file = digest_files.file(
                settings.var, kept.scope, kept.period, kept.revision, language, name
            )
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                draft = file.with_suffix(".part")
                draft.write_bytes(_whole(made, name, language))
                draft.replace(file)


def _whole(made: Made, name: Form, language: Language) -> bytes:
    """Return one form that needs no other file: the picture of the HTML stands in it."""
    one = made.page(language)
    if name != "html":
        return form(made, name, language)
    picture = base64.b64encode(typeset.png(one)).decode()
    return mail.html(one, made.base, f"data:image/png;base64,{picture}").encode()


def write(made: Made, folder: Path, language: Language) -> list[Path]:
    """Write all forms into a folder and return the files; the picture stands beside the HTML."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"tingfeng-{made.kept.scope}-{made.kept.period}-{language}"
    files = [folder / f"{stem}.{name}" for name in FORMS]
    for file, name in zip(files, FORMS, strict=True):
        file.write_bytes(form(made, name, language))
    picture = folder / PICTURE
    picture.write_bytes(typeset.png(made.page(language)))
    return [*files, picture]
