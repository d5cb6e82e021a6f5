"""``python -m data.facts`` prints docs/sources.md from the registry."""

from __future__ import annotations

import sys

from data.facts.sources import as_document, sources

sys.stdout.write(as_document(sources()))
