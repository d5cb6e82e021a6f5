"""The secret behind the author pseudonyms: from the settings, or made once and kept in var/."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from data.errors import ConfigError
from data.settings import Settings

FILE = "pseudonym.key"


def pseudonym_key(settings: Settings) -> bytes:
    """Return the key; without one in the settings, make ``var/pseudonym.key`` (mode 0600).

    Losing the key only means that an author of yesterday and of today look like two people.
    """
    if settings.privacy.key is not None:
        return settings.privacy.key.get_secret_value().encode()
    path = settings.var / FILE
    try:
        if not path.exists():
            _make(path)
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path}: the pseudonym key cannot be kept here ({error.strerror}); "
            "make the folder writable, or set TINGFENG_PRIVACY__KEY"
        ) from None


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{FILE}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    try:
        os.link(draft, path)  # the first of two processes wins, the other reads its key
    except FileExistsError:
        pass
    finally:
        draft.unlink()
