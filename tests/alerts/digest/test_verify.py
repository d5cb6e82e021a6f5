"""A file that is what the store says passes; an altered one is caught, a stale one is told."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete

from alerts.digest import make, verify
from alerts.digest import words as sentences
from alerts.digest.forms import typeset
from alerts.digest.letter import compose
from alerts.digest.make import Made
from alerts.digest.period import Kind
from alerts.digest.words import GRAMMAR, GRAMMARS, LANGUAGES, Language, Words, fingerprint
from data.errors import InputError
from data.settings import Settings
from data.store import schema
from data.store.db import Store
from tests.alerts.digest.test_figures import NOW
from tests.alerts.digest.weeks import OURS, SCOPES, WEEK, fill
from tests.dashboard import seeds

SETTINGS = Settings()
FORMS = (".html", ".pdf", ".md", ".txt", ".xlsx", ".eml")
WEEKS = 4
"""Of the 52 that bench/digest.py checks."""


def written(store: Store, folder: Path) -> tuple[Made, dict[str, Path]]:
    made = make.make(store, SETTINGS, WEEK, OURS, NOW)
    files = {file.suffix: file for file in make.write(made, folder, "zh")}
    mail = folder / "digest.eml"
    mail.write_bytes(bytes(compose(made.page("zh"), made.base)))
    return made, {**files, ".eml": mail}


def checked(store: Store, file: Path) -> verify.Report:
    return verify.verify(store, SETTINGS, file, NOW)


@pytest.mark.parametrize("seed", range(WEEKS))
def test_every_form_of_a_week_holds(store: Store, tmp_path: Path, seed: int) -> None:
    fill(store, seed)
    made = make.make(store, SETTINGS, WEEK, SCOPES[seed % len(SCOPES)], NOW)
    for language in LANGUAGES:
        for file in make.write(made, tmp_path / language, language):
            if file.suffix != ".png":
                report = checked(store, file)
                assert report.holds, (file.name, report.differences[:3])
                assert report.lines > 20


def digit(words: str, luck: random.Random) -> str:
    """Change one digit that a reader sees."""
    seen = words.rfind("</style>")
    places = [
        m.start()
        for m in re.finditer(r"(?<=[>（ ：升至])\d(?=[\d,]* ?[%条起天次）])", words)
        if m.start() > seen and words.rfind("<", 0, m.start()) <= words.rfind(">", 0, m.start())
    ]
    place = luck.choice(places)
    return f"{words[:place]}{(int(words[place]) + 1) % 10}{words[place + 1 :]}"


def reworded(words: str, _: random.Random) -> str:
    """Turn what stayed unanswered into what was answered."""
    return words.replace("没有", "已有", 1)


def relinked(words: str, _: random.Random) -> str:
    """Let a proof open another list."""
    return words.replace("sentiment=neg", "sentiment=pos", 1)


def misquoted(words: str, _: random.Random) -> str:
    """Put a word into somebody's mouth."""
    return re.sub(r"(?<=「)(?=[^」]*」（)", "并未", words, count=1)


def dropped(words: str, _: random.Random) -> str:
    """Leave a line out."""
    return re.sub(r"[^\n>]*（规则：[^\n<]*|[^\n>]*没有规则触发[^\n<]*", "", words, count=1)


ALTERATIONS: list[tuple[str, Callable[[str, random.Random], str], int]] = [
    *((suffix, digit, seed) for suffix in (".html", ".md", ".txt") for seed in range(4)),
    *(
        (suffix, change, 0)
        for suffix in (".html", ".txt")
        for change in (reworded, relinked, misquoted, dropped)
    ),
]


@pytest.mark.parametrize(("suffix", "change", "seed"), ALTERATIONS)
def test_an_altered_text_is_caught(
    store: Store,
    tmp_path: Path,
    suffix: str,
    change: Callable[[str, random.Random], str],
    seed: int,
) -> None:
    fill(store, 3)
    _, files = written(store, tmp_path)
    file = files[suffix]
    before = file.read_text("utf-8")
    after = change(before, random.Random(seed))
    assert after != before
    file.write_text(after, "utf-8")
    report = checked(store, file)
    assert not report.holds
    assert not report.genuine


def test_an_altered_pdf_mail_and_workbook_are_caught(store: Store, tmp_path: Path) -> None:
    """A page set anew with other numbers, a mail with another picture, a cell typed over."""
    fill(store, 3)
    made, files = written(store, tmp_path)
    for file in files.values():
        if file.suffix != ".png":
            assert checked(store, file).holds, file
    page = made.page("zh")
    page["cards"][0]["value"] = "9,999"
    files[".pdf"].write_bytes(typeset.pdf(page, made.base))
    page["charts"]["days"][0]["n"] += 1
    files[".eml"].write_bytes(
        bytes(compose({**made.page("zh"), "charts": page["charts"]}, made.base))
    )
    book = load_workbook(files[".xlsx"])
    book["每日"]["B2"] = int(str(book["每日"]["B2"].value)) + 1
    book.save(files[".xlsx"])
    for suffix in (".pdf", ".eml", ".xlsx"):
        assert not checked(store, files[suffix]).holds, suffix


def test_a_stale_file_is_told_from_an_altered_one(store: Store, tmp_path: Path) -> None:
    fill(store, 3)
    _, files = written(store, tmp_path)
    late = seeds.seed(999_999, WEEK.since + timedelta(hours=30), seeds.FORUM, seeds.GRAVE[0])
    seeds.put(store, [late], NOW + timedelta(days=4))
    report = checked(store, files[".html"])
    assert (report.holds, report.genuine) == (False, True)
    revised = make.make(store, SETTINGS, WEEK, OURS, NOW + timedelta(days=5))
    for file in make.write(revised, tmp_path / "again", "en"):
        if file.suffix != ".png":
            assert checked(store, file).holds


def of_yesterday(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all that is made from now on be of a newer grammar, which begins another way."""
    monkeypatch.setattr(verify, "GRAMMAR", GRAMMAR + 1)
    monkeypatch.setattr("alerts.digest.page.GRAMMAR", GRAMMAR + 1)
    real = sentences.words

    def newer(language: Language, kind: Kind) -> Words:
        old = real(language, kind)
        return Words(language, kind, {**old.known, "footer_method": "Said anew, by new rules."})

    monkeypatch.setattr("alerts.digest.page.words", newer)


def test_whoever_changes_a_sentence_raises_the_version() -> None:
    assert max(GRAMMARS) == GRAMMAR
    assert GRAMMARS[GRAMMAR] == fingerprint(), "raise GRAMMAR and add this hash to GRAMMARS"
    assert len(set(GRAMMARS.values())) == len(GRAMMARS)


def test_each_form_names_its_grammar_and_holds_when_the_sentences_change(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, 3)
    _, files = written(store, tmp_path)
    of_yesterday(monkeypatch)
    for suffix in FORMS:
        report = checked(store, files[suffix])
        assert (report.holds, report.genuine, report.worded) == (True, True, True), suffix
        assert report.grammar == GRAMMAR


@pytest.mark.parametrize("change", [digit, reworded, relinked, misquoted, dropped])
def test_an_altered_file_of_an_older_grammar_is_caught(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[str, random.Random], str],
) -> None:
    fill(store, 3)
    _, files = written(store, tmp_path)
    of_yesterday(monkeypatch)
    file = files[".txt"]
    file.write_text(change(file.read_text("utf-8"), random.Random(1)), "utf-8")
    report = checked(store, file)
    assert (report.holds, report.genuine, report.worded) == (False, False, True)
    file.write_text(file.read_text("utf-8").replace(f" · 句式 {GRAMMAR}", ""), "utf-8")
    report = checked(store, file)  # naming no grammar, as the oldest files do, is no way out
    assert (report.holds, report.grammar) == (False, 1)


@pytest.mark.parametrize(
    ("change", "holds"), [(digit, False), (relinked, False), (misquoted, True), (None, True)]
)
def test_of_words_nobody_kept_the_figures_are_compared(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[str, random.Random], str] | None,
    holds: bool,
) -> None:
    """A sentence that was altered cannot be told then, and the report says so."""
    fill(store, 3)
    _, files = written(store, tmp_path)
    with store.write() as conn:
        conn.execute(delete(schema.digest))
    of_yesterday(monkeypatch)
    file = files[".txt"]
    if change is not None:
        file.write_text(change(file.read_text("utf-8"), random.Random(1)), "utf-8")
    report = checked(store, file)
    assert (report.holds, report.worded) == (holds, False)


def test_an_older_file_whose_store_moved_on_is_stale(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, 3)
    _, files = written(store, tmp_path)
    of_yesterday(monkeypatch)
    late = seeds.seed(999_999, WEEK.since + timedelta(hours=30), seeds.FORUM, seeds.GRAVE[0])
    seeds.put(store, [late], NOW + timedelta(days=4))
    report = checked(store, files[".html"])
    assert (report.holds, report.genuine) == (False, True)


NO_DIGEST = [
    ("a.html", b"<p>hello</p>"), ("a.pdf", b"%PDF-1.7 no"), ("a.docx", b""), ("a.xlsx", b"no"),
    ("a.md", b"\xff"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "raw"), NO_DIGEST)
def test_what_is_no_digest_is_refused_in_a_sentence(
    store: Store, tmp_path: Path, name: str, raw: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(raw)
    with pytest.raises(InputError, match=name):
        checked(store, file)
    with pytest.raises(InputError, match="missing"):
        checked(store, tmp_path / "missing.html")
