"""Assessments become somebody's attention: detect, decide, tell."""
