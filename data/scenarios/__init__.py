"""Planned weeks: ordinary days, crises and traps, for the demo, the tests and the replay."""
