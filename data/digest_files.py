"""Where the files of a kept digest lie: made once for each revision, offered by the pages."""

from __future__ import annotations

from pathlib import Path

FORMS = ("pdf", "xlsx", "html", "md", "txt")
"""The forms in which a digest is kept, the most asked for first."""


def file(var: Path, scope: str, period: str, revision: int, language: str, form: str) -> Path:
    """Return the path of one form of one revision under the folder of what is made."""
    name = f"tingfeng-{scope}-{period}-r{revision}-{language}.{form}"
    return var / "digests" / scope / period / name
