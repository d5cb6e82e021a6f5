"""Facts in YAML, read and checked: lenders, allegations, rules, sources."""

from data.facts.allegations import allegations
from data.facts.lenders import lenders
from data.facts.rules import rules
from data.facts.sources import sources

__all__ = ["allegations", "lenders", "rules", "sources"]
