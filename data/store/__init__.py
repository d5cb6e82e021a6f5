"""The one meeting place: SQLite with no set-up, PostgreSQL by one URL.

``db.Store`` opens transactions; every other file holds the statements of one noun, as functions
that take the open connection. So a stage decides what belongs in one transaction.
"""
