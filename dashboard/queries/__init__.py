"""What the pages ask the store: one module a subject, SQL through the schema's tables.

Aggregates are made by the database from the hourly tables, so a page reads tens of rows however
many mentions there are; long lists are read by key, never by offset. Each function takes the open
connection first and returns frozen values, so that an answer can be cached. No Streamlit here.
"""
