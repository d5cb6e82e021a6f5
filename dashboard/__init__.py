"""Somebody looks: the pages, in Streamlit, over what the store holds."""
