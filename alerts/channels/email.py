"""A mailbox by SMTP (RFC 5321): text and HTML, threaded by incident, with a stable Message-ID."""

from __future__ import annotations

import hashlib
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime

from alerts.channels import Message, without
from data.errors import DeliveryError, Permanent, Temporary, Unknown
from data.settings_channels import EmailChannel

TIMEOUT = 20.0
_OK = 250


class Mailbox:
    """Sends to the recipients of one e-mail channel."""

    def __init__(self, channel: EmailChannel) -> None:
        """Keep the settings; nothing is opened yet."""
        self.channel = channel
        self._secret = channel.password.get_secret_value() if channel.password else None

    def send(self, message: Message) -> str:
        """Send one mail to all recipients; the answer names those the server refused for good."""
        if message.mail is not None:
            return self.post(message.mail, message.mail.get_all("To", []))
        return self.post(compose(message, self.channel), self.channel.to)

    def post(self, mail: EmailMessage, to: Sequence[str]) -> str:
        """Send a finished mail to all these recipients."""
        with self._connection() as server:
            self._must(server.mail, self.channel.sender)
            refused = self._recipients(server, to)
            answer = self._data(server, mail)
        return answer if not refused else f"{answer}; refused for good: {', '.join(refused)}"

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        c = self.channel
        try:
            server = self._open()
        except smtplib.SMTPException as error:
            raise self._refusal(error) from None
        except (OSError, UnicodeError) as error:
            raise Temporary(
                f"channel {c.name}: {c.host}:{c.port} cannot be reached "
                f"({without(self._secret, str(error))})"
            ) from None
        try:
            yield server
        finally:
            server.close()  # QUIT would wait for an answer that changes nothing

    def _open(self) -> smtplib.SMTP:
        c = self.channel
        name = socket.gethostname()
        if c.security == "tls":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                c.host, c.port, local_hostname=name, timeout=TIMEOUT, context=context
            )
        else:
            server = smtplib.SMTP(c.host, c.port, local_hostname=name, timeout=TIMEOUT)
        with ExitStack() as undo:
            undo.callback(server.close)
            if c.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if c.user:
                server.login(c.user, self._secret or "")
            server.ehlo_or_helo_if_needed()
            undo.pop_all()  # all went well: the caller closes it
        return server

    def _recipients(self, server: smtplib.SMTP, to: Sequence[str]) -> list[str]:
        """Name all recipients; a "later" for one holds the mail back: all get it once."""
        refused: dict[str, DeliveryError] = {}
        for address in to:
            try:
                self._must(server.rcpt, address)
            except Permanent as error:
                refused[address] = error
        if len(refused) == len(to):
            raise next(iter(refused.values()))
        return list(refused)

    def _must(self, command: Callable[[str], tuple[int, bytes]], argument: str) -> None:
        try:
            code, said = command(argument)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise Temporary(
                f"channel {self.channel.name}: the connection broke before the mail was handed "
                f"over ({without(self._secret, str(error))})"
            ) from None
        if code // 100 != 2:  # noqa: PLR2004 - RFC 5321: 2yz is a yes
            raise self._refusal(smtplib.SMTPResponseException(code, said))

    def _data(self, server: smtplib.SMTP, mail: EmailMessage) -> str:
        name = self.channel.name
        try:
            code, said = server.data(mail.as_bytes(policy=SMTP_POLICY))
        except smtplib.SMTPDataError as error:
            raise self._refusal(error) from None
        except (smtplib.SMTPServerDisconnected, OSError):
            raise Unknown(
                f"channel {name}: the connection broke after the mail was handed over; "
                "it may have arrived"
            ) from None
        if code != _OK:
            raise self._refusal(smtplib.SMTPResponseException(code, said))
        return without(self._secret, f"{code} {said.decode('utf-8', 'replace')}")

    def _refusal(self, error: smtplib.SMTPException) -> DeliveryError:
        """Turn a server's no into "later" (4yz) or "never" (5yz), RFC 5321 section 4.2.1."""
        name = self.channel.name
        if isinstance(error, smtplib.SMTPResponseException):
            raw = error.smtp_error
            words = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
            said = without(self._secret, f"{error.smtp_code} {words}")
            if error.smtp_code // 100 == 5:  # noqa: PLR2004
                return Permanent(
                    f"channel {name}: the mail server refuses: {said}; correct the channel"
                )
            return Temporary(f"channel {name}: the mail server says later: {said}")
        said = without(self._secret, str(error))
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return Permanent(f"channel {name}: {said}; change `security` or `user` of the channel")
        return Temporary(f"channel {name}: the mail server does not answer properly: {said}")


def compose(message: Message, channel: EmailChannel) -> EmailMessage:
    """Return the mail: same Message-ID for a repeat, References common to one incident."""
    domain = channel.sender.rpartition("@")[2] or "localhost"
    mail = EmailMessage()
    mail["From"] = channel.sender
    mail["To"] = ", ".join(channel.to)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{_stable(message.key)}@{domain}>"
    thread = f"<{_stable(message.thread)}@{domain}>"
    mail["References"] = thread
    mail["In-Reply-To"] = thread
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    mail["X-Tingfeng-Alert"] = str(message.card.get("number", ""))
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail


def _stable(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]
