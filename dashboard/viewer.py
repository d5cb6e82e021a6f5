"""Who is looking. Today: the person at this machine, since only loopback is served.

This is the one place that will read ``st.user`` or a proxy's header when sign-in arrives; views and
actions already take a ``Viewer`` and ask its role, so nothing else has to change then.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Right(IntEnum):
    """What a person may do; each right includes those below it."""

    READ = 1
    ACT = 2  # take incidents on, note, close; correct labels
    CASE = 3  # open, extend and close case files
    ADMIN = 4  # let a source be read now


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person before the screen: the name that goes into the history, and what they may do."""

    name: str
    right: Right

    def may(self, right: Right) -> bool:
        """Tell whether this person may do it."""
        return self.right >= right


def current() -> Viewer:
    """Return who is looking: on loopback, whoever can open this machine's pages."""
    return Viewer(name="local", right=Right.ADMIN)
