"""A settings file for the pages, over the test's own store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from data.store.db import Store


@pytest.fixture
def site(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store with a settings file that leads the pages to it; no answer is cached."""
    file = tmp_path / "settings.toml"
    database = f"sqlite:///{store.file}"
    file.write_text(f'database = "{database}"\n[dashboard]\ninbox = "{tmp_path / "inbox"}"\n')
    monkeypatch.setenv("TINGFENG_CONFIG", str(file))
    _forget()
    yield store
    _forget()


def _forget() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()
