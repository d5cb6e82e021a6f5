"""The charts' colours, on light and on dark ground; config.toml has the same for the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data.model import Level


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one ground."""

    line: str
    bad: str
    band: str
    faint: str
    text: str
    ground: str
    on_strong: str  # words on the strongest heat
    heat: tuple[str, ...]
    levels: Mapping[Level, str]


LIGHT = Palette(
    line="#1f6f78",
    bad="#b4532a",
    band="#93a1a6",
    faint="#6b787d",
    text="#1d2629",
    ground="#ffffff",
    on_strong="#ffffff",
    heat=("#fbf3ee", "#efcfbc", "#dd9c79", "#bd6540", "#833c21"),
    levels={
        Level.RED: "#b3261e",
        Level.ORANGE: "#b4532a",
        Level.YELLOW: "#8a6100",
        Level.BLUE: "#2f5f9e",
    },
)
DARK = Palette(
    line="#5fb3bb",
    bad="#e08a5f",
    band="#7c8b91",
    faint="#9aa7ad",
    text="#e6eaeb",
    ground="#14191b",
    on_strong="#14191b",
    heat=("#22292c", "#4a3a32", "#80543c", "#ba764c", "#eaa377"),
    levels={
        Level.RED: "#ff8a80",
        Level.ORANGE: "#f0a06f",
        Level.YELLOW: "#e3c15a",
        Level.BLUE: "#8db8ef",
    },
)


def palette(*, dark: bool) -> Palette:
    """Return the colours for a dark or a light ground."""
    return DARK if dark else LIGHT
