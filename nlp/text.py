"""Views of a text: rewritten for matching, with a way back to the raw characters.

The raw text is never changed. A view is a string and, for each of its characters, the stretch of
raw text it stands for; views compose. Matching happens on views, reporting on the raw text.
Garbled pages are repaired (nlp/repair.py) in front of ``folded``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data.fold import fold

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+"
)
"""Characters that nobody sees, and that hide words from whoever looks for them."""
_SENTENCE = re.compile(r"[^。！？!?；;\n\r]+")


@dataclass(frozen=True, slots=True)
class View:
    """``text`` as it is matched; character i stands for raw ``starts[i]`` to ``ends[i]``.

    Both are None where the view has the raw text's length and order.
    """

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the raw span of a non-empty span of this view, in code points."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def without(self, spans: Iterable[tuple[int, int]]) -> View:
        """Return the view without these spans, which are in order and apart."""
        return self.rewritten((start, end, "") for start, end in spans)

    def rewritten(self, edits: Iterable[tuple[int, int, str]]) -> View:
        """Return the view with each (start, end, new) replaced; edits are in order and apart.

        Every new character stands for the whole stretch that it replaces.
        """
        starts = self.starts if self.starts is not None else range(len(self.text))
        ends = self.ends if self.ends is not None else range(1, len(self.text) + 1)
        texts: list[str] = []
        new_starts: list[int] = []
        new_ends: list[int] = []
        done = 0
        for start, end, new in edits:
            texts += (self.text[done:start], new)
            new_starts += starts[done:start]
            new_ends += ends[done:start]
            new_starts += [starts[start]] * len(new)
            new_ends += [ends[end - 1]] * len(new)
            done = end
        if not texts:
            return self
        return View(
            "".join((*texts, self.text[done:])),
            [*new_starts, *starts[done:]],
            [*new_ends, *ends[done:]],
        )


def folded(raw: str | View) -> View:
    """Return the text simplified, half-width, in lower case and without invisible characters."""
    source = View(raw) if isinstance(raw, str) else raw
    view = View(fold(source.text), source.starts, source.ends)
    if INVISIBLE.search(source.text) is None:
        return view
    return view.without(match.span() for match in INVISIBLE.finditer(view.text))


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the spans between full stops, question and exclamation marks, semicolons, lines."""
    return [match.span() for match in _SENTENCE.finditer(text)]
