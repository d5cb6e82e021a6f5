"""A small OpenID provider on loopback, as strict as a real one: code flow, PKCE, nonce, RS256.

OpenID Connect Core 1.0 (3.1), RFC 6749 (4.1), RFC 7636; one client, people without passwords.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "tingfeng", "a secret between two servers"
LIFE = 300
PEOPLE: dict[str, dict[str, Any]] = {
    "lin": {"email": "Lin@chenghu.example", "email_verified": True, "groups": ["合规部"]},
    "wang": {"email": "wang@chenghu.example", "email_verified": True, "groups": ["公关部", "全员"]},
    "stranger": {"email": "stranger@chenghu.example", "email_verified": True, "groups": []},
    "unverified": {"email": "lin@chenghu.example", "email_verified": False, "groups": ["合规部"]},
}


@dataclass(slots=True)
class Grant:
    """What a code stands for until it is redeemed, once."""

    person: str
    redirect_uri: str
    challenge: str
    nonce: str


@dataclass
class Provider:
    """The provider; ``wrong`` makes its next ID tokens bad: key, nonce, audience, old, issuer."""

    wrong: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    grants: dict[str, Grant] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        answer = type("Answer", (_Answer,), {"of": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), answer)
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def metadata(self) -> dict[str, Any]:
        places = {"authorization": "authorize", "token": "token", "end_session": "leave"}
        return {
            "issuer": self.issuer,
            **{f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in places.items()},
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "email", "profile"],
        }

    def door(self, asked: dict[str, str]) -> str:
        """Return the page on which a person says who they are; checks what the client asks."""
        assert asked["response_type"] == "code", asked
        assert asked["client_id"] == CLIENT, asked
        assert "openid" in asked["scope"].split(), asked
        assert asked["code_challenge_method"] == "S256", "a code without a proof key is refused"
        assert len(asked["state"]) >= 16, asked
        assert len(asked["nonce"]) >= 16, asked
        rows = []
        for person in PEOPLE:
            code = secrets.token_urlsafe(24)
            self.grants[code] = Grant(
                person, asked["redirect_uri"], asked["code_challenge"], asked["nonce"]
            )
            answer = urlencode({"code": code, "state": asked["state"]})
            to = escape(f"{asked['redirect_uri']}?{answer}")
            rows.append(f'<li><a href="{to}">{person}</a></li>')
        deny = urlencode({"error": "access_denied", "state": asked["state"]})
        rows.append(f'<li><a href="{escape(asked["redirect_uri"])}?{escape(deny)}">cancel</a></li>')
        return f"<!doctype html><title>Provider</title><ul>{''.join(rows)}</ul>"

    def redeem(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Return tokens for a code, or what is wrong with it (RFC 6749, 5.2)."""
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        if [unquote(part) for part in pair.replace("+", " ").split(":")] != [CLIENT, SECRET]:
            return self._refuse(401, "invalid_client")
        grant = self.grants.pop(form.get("code", ""), None)
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            form.get("grant_type") != "authorization_code"
            or grant is None
            or grant.redirect_uri != form.get("redirect_uri")
            or grant.challenge != base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        ):
            return self._refuse(400, "invalid_grant")
        token = {"access_token": secrets.token_urlsafe(24), "token_type": "Bearer"}
        return 200, {**token, "expires_in": LIFE, "id_token": self._id_token(grant)}

    def _id_token(self, grant: Grant) -> str:
        now, wrong = int(time.time()), self.wrong
        claims = {
            "iss": "https://elsewhere.example" if wrong == "issuer" else self.issuer,
            "sub": grant.person,
            "aud": "somebody else" if wrong == "audience" else CLIENT,
            "iat": now - (2 * 86_400 if wrong == "old" else 0),
            "exp": now + (-86_400 if wrong == "old" else LIFE),
            "nonce": "another" if wrong == "nonce" else grant.nonce,
            **PEOPLE[grant.person],
        }
        key = RSAKey.generate_key(2048, {"kid": "1"}) if wrong == "key" else self.key
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)

    def _refuse(self, status: int, error: str) -> tuple[int, dict[str, Any]]:
        self.refused.append(error)
        return status, {"error": error}


class _Answer(BaseHTTPRequestHandler):
    """The provider's paths."""

    of: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self._send(200, json.dumps(self.of.metadata()), "application/json")
        elif parts.path == "/keys":
            keys = [self.of.key.as_dict(private=False, use="sig", alg="RS256")]
            self._send(200, json.dumps({"keys": keys}), "application/json")
        elif parts.path == "/authorize":
            self._send(200, self.of.door(asked), "text/html; charset=utf-8")
        elif parts.path == "/leave":
            self.send_response(302)
            self.send_header("Location", asked["post_logout_redirect_uri"])
            self.end_headers()
        else:
            self._send(404, "", "text/plain")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        status, answer = self.of.redeem(form, self.headers.get("Authorization", ""))
        self._send(status, json.dumps(answer), "application/json")

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _send(self, status: int, text: str, kind: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
