"""Signed JSON by POST: any system that can check an HMAC can be told."""

from __future__ import annotations

import hashlib
import hmac
import json

import httpx

from alerts.channels import Message, without
from data.errors import DeliveryError, Permanent, Temporary, Unknown
from data.settings import WebhookChannel

TIMEOUT = httpx.Timeout(15.0, connect=5.0)
_LATER = frozenset({408, 425, 429})


class Webhook:
    """Posts to one address.

    Headers: ``X-Tingfeng-Timestamp`` (seconds), ``X-Tingfeng-Signature`` (``sha256=`` and the
    HMAC-SHA256 of ``timestamp.body`` in hexadecimal), ``Idempotency-Key`` (a repeat has the same).
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
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Tingfeng",
            "X-Tingfeng-Timestamp": stamp,
            "X-Tingfeng-Signature": f"sha256={sign(secret, stamp, body)}",
            "Idempotency-Key": hashlib.sha256(message.key.encode()).hexdigest()[:32],
        }
        try:
            answer = httpx.post(self.channel.url, content=body, headers=headers, timeout=TIMEOUT)
        except httpx.HTTPError as error:
            raise self._broken(error) from None
        except httpx.InvalidURL:
            raise Permanent(
                f"channel {self.channel.name}: the URL is not valid; correct it"
            ) from None
        said = without(secret, f"{answer.status_code} {answer.text[:200]}")
        if answer.is_success:
            return said
        raise self._refused(answer.status_code, said)

    def _broken(self, error: httpx.HTTPError) -> DeliveryError:
        name, kind = self.channel.name, type(error).__name__
        # The message of the exception may hold the URL, and a URL may hold a token.
        match error:
            case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.ProxyError():
                return Temporary(f"channel {name}: the address cannot be reached ({kind})")
            case httpx.UnsupportedProtocol() | httpx.LocalProtocolError():
                return Permanent(f"channel {name}: the URL cannot be used ({kind}); correct it")
            case _:
                return Unknown(
                    f"channel {name}: no complete answer came ({kind}); it may have arrived"
                )

    def _refused(self, status: int, said: str) -> DeliveryError:
        name = self.channel.name
        if status in _LATER or status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return Temporary(f"channel {name}: the far end says later: {said}")
        return Permanent(f"channel {name}: the far end refuses: {said}; correct the channel")


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the HMAC-SHA256, in hexadecimal, of the time stamp, a full stop and the body."""
    signed = timestamp.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _body(message: Message) -> bytes:
    content = {
        "type": "alert",
        "repeat": message.repeat,
        "subject": message.subject,
        "text": message.text,
        "card": message.card,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
