"""Mentions become Assessments: text in, facts out; pure computation."""
