"""Secrets from the settings, or made once and kept in var/: of pseudonyms, links, cookies."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from data.errors import ConfigError
from data.settings import Settings

PSEUDONYMS = "pseudonym.key"
LINKS = "links.key"
COOKIES = "cookies.key"


def pseudonym_key(settings: Settings) -> bytes:
    """Return the key of the author pseudonyms; without one, make ``var/pseudonym.key``.

    Losing the key only means that an author of yesterday and of today look like two people.
    """
    return _key(settings, settings.privacy.key, PSEUDONYMS, "TINGFENG_PRIVACY__KEY")


def link_key(settings: Settings) -> bytes:
    """Return the key that signs links in messages; without one, make ``var/links.key``.

    A new key makes the links of older messages useless, and nothing else.
    """
    return _key(settings, settings.alerts.link_key, LINKS, "TINGFENG_ALERTS__LINK_KEY")


def cookie_key(settings: Settings) -> str:
    """Return the secret that signs who is signed in by a provider; made in ``var/cookies.key``.

    A new one means that everybody signs in again.
    """
    given, variable = settings.dashboard.oidc.cookie_secret, "DASHBOARD__OIDC__COOKIE_SECRET"
    return _key(settings, given, COOKIES, f"TINGFENG_{variable}").hex()


def _key(settings: Settings, given: SecretStr | None, name: str, variable: str) -> bytes:
    """Return a key from the settings, or from a file of var/ (mode 0600). Raises ConfigError."""
    if given is not None:
        return given.get_secret_value().encode()
    path = settings.var / name
    try:
        if not path.exists():
            _make(path)
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path}: the {path.stem} key cannot be kept here ({error.strerror}); "
            f"make the folder writable, or set {variable}"
        ) from None


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    try:
        os.link(draft, path)  # the first of two processes wins, the other reads its key
    except FileExistsError:
        pass
    finally:
        draft.unlink()
