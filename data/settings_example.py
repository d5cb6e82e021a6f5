"""The commented example of the settings file, written from the model so that it never lies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from data.section import Section
from data.settings import Approval, Folder, Settings, SourceSettings
from data.settings_channels import (
    AppriseChannel,
    DingtalkChannel,
    EmailChannel,
    FeishuChannel,
    WebhookChannel,
    WecomChannel,
)

_HEAD = """\
# Every choice an operator has, with its default. Copy to settings.toml and change what you need.
# An environment variable wins: TINGFENG_ALERTS__TICK_SECONDS=30, TINGFENG_DATABASE=postgresql+...
# Secrets belong into the environment. This file is generated: tingfeng check --example
"""

_SOURCE = """
# A source is read only with an approval. One table each, named as in docs/sources.md.
# [sources.eastmoney_news]
"""

_HIDDEN = "from the environment in production"
_CHANNELS: tuple[tuple[type[BaseModel], dict[str, Any]], ...] = (
    (EmailChannel, {
        "type": "email", "name": "duty", "host": "smtp.example.invalid", "port": 465,
        "security": "tls", "user": "tingfeng", "sender": "tingfeng@example.invalid",
        "to": ["duty@example.invalid"], "lowest_level": "yellow", "audience": "duty",
    }),
    (WecomChannel, {
        "type": "wecom", "name": "企业微信值班群", "key": _HIDDEN, "mention": ["zhangsan"],
        "lowest_level": "yellow", "audience": "duty",
    }),
    (DingtalkChannel, {
        "type": "dingtalk", "name": "钉钉公关群", "token": _HIDDEN, "secret": _HIDDEN,
        "mention": ["all"], "lowest_level": "orange", "audience": "lead",
    }),
    (FeishuChannel, {
        "type": "feishu", "name": "飞书合规群", "token": _HIDDEN, "secret": _HIDDEN,
        "lowest_level": "yellow", "audience": "compliance",
    }),
    (WebhookChannel, {
        "type": "webhook", "name": "workflow", "url": "https://example.invalid/hook",
        "secret": _HIDDEN, "lowest_level": "orange", "audience": "duty",
    }),
    (AppriseChannel, {
        "type": "apprise", "name": "phone", "url": "ntfys://ntfy.example.invalid/tingfeng",
        "lowest_level": "red", "audience": "executives",
    }),
)  # fmt: skip


def example() -> str:
    """Return the text of settings.example.toml."""
    lines = [_HEAD, *_fields(Settings)]
    for name, info in Settings.model_fields.items():
        if isinstance(info.default, Section):
            lines += _section(name, type(info.default))
    lines += [_SOURCE.rstrip("\n"), *_commented(_fields(SourceSettings))]
    lines += ["# [sources.eastmoney_news.approval]", *_commented(_approval())]
    lines += ["", f"# {Folder.__doc__}", "# [[folders]]", *_commented(_folder())]
    for channel, shown in _CHANNELS:
        lines += ["", f"# {channel.__doc__}", "# [[channels]]"]
        lines += [f"# {key} = {_toml(value)}" for key, value in shown.items()]
    return "\n".join(lines) + "\n"


def _section(name: str, model: type[BaseModel]) -> Iterator[str]:
    yield f"\n# {model.__doc__}\n[{name}]"
    yield from _fields(model)
    for inner, info in model.model_fields.items():
        if isinstance(info.default, Section):
            yield from _section(f"{name}.{inner}", type(info.default))


def _fields(model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        default = info.get_default(call_default_factory=True)
        if isinstance(default, Section) or name in {"channels", "folders", "sources"}:
            continue
        if name == "approval":
            continue
        if info.description:
            yield f"# {info.description}"
        yield f"{name} = {_toml(default)}" if default is not None else f"# {name} = "


def _approval() -> Iterator[str]:
    shown = {"by": '"who decided"', "on": "2026-11-25", "basis": '"why it is allowed"'}
    for name, info in Approval.model_fields.items():
        yield f"# {_described(info)}"
        yield f"{name} = {shown[name]}"


def _folder() -> Iterator[str]:
    shown = {"path": '"/srv/tingfeng/drop"', "map": '"heimao_merchant"', "source": '"merchant"'}
    for name, info in Folder.model_fields.items():
        yield f"# {_described(info)}"
        default = info.get_default()
        if name in shown:
            yield f"{name} = {shown[name]}"
        else:
            yield f"{name} = {_toml(default)}" if default is not None else f"# {name} = "


def _described(info: FieldInfo) -> str:
    return info.description or ""


def _commented(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.startswith("# ") and "=" not in line else f"# {line.removeprefix('# ')}"


def _toml(value: Any) -> str:
    if isinstance(value, Path):
        return json.dumps(value.as_posix())
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
