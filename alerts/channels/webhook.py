"""Signed JSON by POST: any system that can check an HMAC can be told."""

from __future__ import annotations

import hashlib
import hmac
import json

from alerts.channels import Message, without
from alerts.channels.http import JSON, post, refused
from data.settings_channels import WebhookChannel


class Webhook:
    """Posts to one address.

    Headers: ``X-Tingfeng-Timestamp`` (seconds), ``X-Tingfeng-Signature`` (``sha256=`` and the
    HMAC-SHA256 of ``timestamp.body`` in hexadecimal), ``Idempotency-Key`` (a repeat has the same;
    the body's ``id`` too). docs/webhook.md says what a receiver checks.
    """

    def __init__(self, channel: WebhookChannel) -> None:
        """Keep the settings; nothing is opened yet."""
        self.channel = channel

    def send(self, message: Message) -> str:
        """Post one message and return the status and the start of the answer."""
        secret = self.channel.secret.get_secret_value()
        body = _body(message)
        stamp = str(int(message.at.timestamp()))
        headers = {
            **JSON,
            "X-Tingfeng-Timestamp": stamp,
            "X-Tingfeng-Signature": f"sha256={sign(secret, stamp, body)}",
            "Idempotency-Key": _id(message),
        }
        answer = post(self.channel.name, self.channel.url, body, headers)
        said = without(secret, f"{answer.status_code} {answer.text[:200]}")
        if answer.is_success:
            return said
        raise refused(self.channel.name, answer.status_code, said)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the HMAC-SHA256, in hexadecimal, of the time stamp, a full stop and the body."""
    signed = timestamp.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _id(message: Message) -> str:
    """Return what names a message: a repeat, marked as one, has the same."""
    return hashlib.sha256(message.key.encode()).hexdigest()[:32]


def _body(message: Message) -> bytes:
    content = {
        "type": "alert",
        "id": _id(message),  # also here, where it is signed
        "repeat": message.repeat,
        "subject": message.subject,
        "text": message.text,
        "card": message.card,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
