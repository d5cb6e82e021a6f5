"""A digest's file back into what it says: its lines, addresses, cells and pictures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import BadZipFile

from lxml import html as lxml_html
from lxml.etree import LxmlError
from openpyxl import load_workbook
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from data.errors import InputError

Said = list[str]
_ADDRESS = re.compile(r"https?://[^\s)\]]+")
_GAPS = re.compile(r"\s+")


def said(file: Path) -> Said:
    """Return everything a file says, one entry a line, address, cell or picture.

    Raises InputError where the file is missing or not what its name says.
    """
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise InputError(f"{file}: a digest is one of {', '.join(READERS)}")
    try:
        return reader(file.read_bytes())
    except (OSError, UnicodeDecodeError, LxmlError, PyPdfError, BadZipFile, KeyError) as error:
        raise InputError(f"{file}: not readable as {file.suffix}: {error}") from None


def of_html(raw: bytes) -> Said:
    """Read a page or a mail's HTML: words, then link targets and alternative texts."""
    tree = lxml_html.document_fromstring(raw.decode())
    for style in tree.xpath("//style|//script"):
        style.drop_tree()
    words = [_even(words) for words in tree.itertext() if words.strip()]
    targets = [f"{_even(a.text_content())} {_local(a.get('href', ''))}" for a in tree.iter("a")]
    return words + targets + [image.get("alt", "") for image in tree.iter("img")]


def of_pdf(raw: bytes) -> Said:
    """Read a PDF: its text line by line, then its link targets."""
    found: Said = []
    for sheet in PdfReader(BytesIO(raw)).pages:
        found += _lines(sheet.extract_text())
        for note in sheet.get("/Annots") or []:
            action = note.get_object().get("/A") or {}
            found.append(_local(str(action.get("/URI", ""))))
    return found


def of_text(raw: bytes) -> Said:
    """Read text or Markdown line by line; addresses without the machine they are on."""
    return _lines(_localised(raw.decode()))


def of_tables(raw: bytes) -> Said:
    """Read a workbook: each filled cell with its place."""
    book = load_workbook(BytesIO(raw))
    found = [
        f"{sheet.title}!{cell.coordinate} {_localised(str(cell.value))}"
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value not in {None, ""}
    ]
    book.close()
    return found


def of_mail(raw: bytes) -> Said:
    """Read a mail: all its parts, pictures by their hash."""
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return [line for part in mail.walk() for line in _of_part(part)]


def _of_part(part: EmailMessage) -> Iterator[str]:
    kind = part.get_content_type()
    if part.is_multipart():
        return
    raw = part.get_payload(decode=True)
    assert isinstance(raw, bytes)
    if kind == "text/html":
        yield from of_html(raw)
    elif kind == "text/plain":
        yield from of_text(raw)
    elif kind == "application/pdf":
        yield from of_pdf(raw)
    else:
        yield f"{kind} {hashlib.sha256(raw).hexdigest()}"


READERS: dict[str, Callable[[bytes], Said]] = {
    ".html": of_html,
    ".pdf": of_pdf,
    ".md": of_text,
    ".txt": of_text,
    ".xlsx": of_tables,
    ".eml": of_mail,
}


def _lines(words: str) -> Said:
    return [_even(line) for line in words.splitlines() if line.strip()]


def _even(words: str) -> str:
    return _GAPS.sub(" ", words).strip()


def _localised(words: str) -> str:
    return _ADDRESS.sub(lambda found: _local(found.group()), words)


def _local(address: str) -> str:
    """Return an address without its machine: what it shows, wherever the dashboard runs."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.scheme in {"http", "https"} else address
