"""Alembic's entry: run the revisions on the connection that was handed in."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from data.store.schema import Moment, metadata


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    return "Moment()" if kind == "type" and isinstance(item, Moment) else False


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return not (kind == "table" and (name or "").startswith("mention_search"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=_render,
    include_object=_ours,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
