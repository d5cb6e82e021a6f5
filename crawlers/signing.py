"""The signature that 黑猫投诉 asks of some requests; the site's own constant is never in here.

An operator with written permission puts the constant into ``[sources.heimao_public] signing_key``.
The replica checks with a constant of its own, so tests and demo need none of the site's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def signature(constant: str, ts: str, rs: str, values: Iterable[str]) -> str:
    """Return the SHA-256 of all values, plainly sorted and joined; names play no part.

    ``ts`` is the time in milliseconds and ``rs`` are 16 random characters, both as text.
    """
    parts = sorted([ts, rs, constant, *values])
    return hashlib.sha256("".join(parts).encode("utf-8")).hexdigest()
