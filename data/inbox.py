"""Read a maildir, the demo's local inbox: what was sent, as a mail reader would show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mail:
    """One message of the inbox; ``text`` and ``html`` are "" where it has no such part."""

    message_id: str
    sent_at: datetime
    sender: str
    to: str
    subject: str
    text: str
    html: str


def messages(folder: Path) -> list[Mail]:
    """Return the mails of a maildir, the newest first; a file that vanishes is left out."""
    found = []
    for place in ("new", "cur"):
        for file in (folder / place).glob("*"):
            try:
                raw = file.read_bytes()
            except FileNotFoundError:
                continue
            found.append(_mail(raw))
    return sorted(found, key=lambda mail: (mail.sent_at, mail.message_id), reverse=True)


def _mail(raw: bytes) -> Mail:
    # the default policy makes EmailMessage, which the annotation of the parser does not know
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return Mail(
        message_id=str(mail["Message-ID"] or ""),
        sent_at=_sent_at(mail),
        sender=str(mail["From"] or ""),
        to=str(mail["To"] or ""),
        subject=str(mail["Subject"] or ""),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
    )


def _sent_at(mail: EmailMessage) -> datetime:
    try:
        moment = parsedate_to_datetime(str(mail["Date"]))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return moment.astimezone(UTC)


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""
