"""Somebody looks; the only room that knows Streamlit."""
