"""Everything of ours that can go wrong, as one tree.

TingfengError
├── OperatorError           somebody must change something first      exit 2
│   ├── ConfigError         the settings file or the environment
│   ├── FactError           a YAML file in data/facts, or one that replaces it
│   ├── InputError          a file given to import, demo or replay
│   ├── StoreError          the database cannot be reached, read or written
│   ├── EvidenceError       a kept page is missing, unreadable or altered
│   └── PortTaken           another program listens where we should
├── SourceError             one source failed; the others go on        exit 1
│   ├── Refused             the site says no: stop, back off, tell a human
│   └── LayoutChanged       the page is not the one we know how to read
└── DeliveryError           one message was not delivered
    ├── Temporary           the channel says "later": try again
    │   └── Busy            … and for how long it wants to be left alone
    ├── Permanent           the channel says "never": until somebody changes something
    └── Unknown             the channel may have taken it: a repeat must be marked as one

Each message is one sentence that names the file or place, the field and the remedy.
Bugs are not in the tree: they travel up with their traceback.
"""

from __future__ import annotations

from datetime import timedelta


class TingfengError(Exception):
    """An error that is ours to explain: printed as one line, without a traceback."""

    exit_code = 1


class OperatorError(TingfengError):
    """Somebody must change a file, a setting or the machine before this can work."""

    exit_code = 2


class ConfigError(OperatorError):
    """The settings are wrong."""


class FactError(OperatorError):
    """A file of facts (lenders, allegations, rules, sources) is wrong."""


class InputError(OperatorError):
    """A file that was handed in cannot be read as what it should be."""


class StoreError(OperatorError):
    """The database cannot be reached, read or written."""


class EvidenceError(OperatorError):
    """A kept page is missing, unreadable, or not what it was when it was received."""


class PortTaken(OperatorError):
    """The address we should listen on belongs to another program."""


class SourceError(TingfengError):
    """One source failed; the others go on."""


class Refused(SourceError):
    """The site says no: stop at once, back off, tell a human."""


class LayoutChanged(SourceError):
    """The page is not the one we know how to read."""


class DeliveryError(TingfengError):
    """One message was not delivered."""


class Temporary(DeliveryError):
    """The channel says "later"; nothing was delivered, so a retry cannot double it."""


class Busy(Temporary):
    """The channel was asked too often; it wants to be left alone for ``rest``."""

    def __init__(self, sentence: str, rest: timedelta) -> None:
        super().__init__(sentence)
        self.rest = rest


class Permanent(DeliveryError):
    """The channel says "never": retrying without a change is useless."""


class Unknown(DeliveryError):
    """The channel may have taken the message; a repeat has to be marked as one."""
