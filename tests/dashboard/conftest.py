"""A settings file for the pages, over the test's own store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from data.facts.allegations import FILE as ALLEGATIONS
from data.facts.lenders import FILE as LENDERS
from data.facts.levels import FILE as LEVELS
from data.facts.telling import FILE as TELLING
from data.settings import Settings, load
from data.store.db import Store

CHANNEL = '[[channels]]\ntype = "webhook"\nname = "公关群"\nurl = "https://example.com/hook-key"\n'


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


@pytest.fixture
def own(site: Store, tmp_path: Path) -> Settings:
    """Settings with a file of their own of every kind, and one channel."""
    for one in (LEVELS, TELLING, LENDERS, ALLEGATIONS):
        shutil.copy(one, tmp_path / one.name)
    file = tmp_path / "settings.toml"
    ours = "".join(f'{name} = "{tmp_path}/{name}.yaml"\n' for name in ("lenders", "allegations"))
    alerts = "".join(f'{name} = "{tmp_path}/{name}.yaml"\n' for name in ("levels", "telling"))
    written = f"{ours}{file.read_text()}[alerts]\n{alerts}{CHANNEL}"
    file.write_text(f"{written}secret = 'hush-hush'\nlowest_level = 'orange'\n")
    return load(file)
