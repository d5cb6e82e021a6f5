"""The ways to reach people that an operator can set up: one class for each type of channel."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from data.section import Section

LevelName = Literal["blue", "yellow", "orange", "red"]


class _Channel(Section):
    name: str = Field(min_length=1, max_length=64)
    lowest_level: LevelName = Field("yellow", description="what is less grave is not sent here")
    audience: str = Field("duty", description="who reads it; data/facts/telling.yaml lists them")


class EmailChannel(_Channel):
    """A mailbox, by SMTP."""

    type: Literal["email"] = "email"
    host: str = Field(min_length=1)
    port: int = 465
    security: Literal["tls", "starttls", "none"] = "tls"
    user: str = ""
    password: SecretStr | None = None
    sender: str = Field(min_length=3)
    to: tuple[str, ...] = Field(min_length=1)


class WebhookChannel(_Channel):
    """An address that takes signed JSON by POST."""

    type: Literal["webhook"] = "webhook"
    url: str = Field(pattern=r"^https?://")
    secret: SecretStr


class WecomChannel(_Channel):
    """A 企业微信 group bot. ``mention`` are user ids to call from orange on."""

    type: Literal["wecom"] = "wecom"
    key: SecretStr
    mention: tuple[str, ...] = ()
    base_url: str = Field("https://qyapi.weixin.qq.com", pattern=r"^https?://")


class DingtalkChannel(_Channel):
    """A 钉钉 custom bot, signed. ``mention`` are mobile numbers, or all."""

    type: Literal["dingtalk"] = "dingtalk"
    token: SecretStr
    secret: SecretStr
    mention: tuple[str, ...] = ()
    base_url: str = Field("https://oapi.dingtalk.com", pattern=r"^https?://")


class FeishuChannel(_Channel):
    """A 飞书 custom bot, signed. ``mention`` are open ids, or all."""

    type: Literal["feishu"] = "feishu"
    token: SecretStr
    secret: SecretStr
    mention: tuple[str, ...] = ()
    base_url: str = Field("https://open.feishu.cn", pattern=r"^https?://")


class AppriseChannel(_Channel):
    """Any other way to reach people, by an Apprise URL."""

    type: Literal["apprise"] = "apprise"
    url: SecretStr


BotChannel = WecomChannel | DingtalkChannel | FeishuChannel
Channel = Annotated[
    EmailChannel | WebhookChannel | BotChannel | AppriseChannel, Field(discriminator="type")
]
