"""Every choice an operator has, as one typed file.

Order of precedence: environment (``TINGFENG_ALERTS__TICK_SECONDS=30``), then the TOML file, then
the defaults below. Only an operator's choices are settings; facts are YAML in ``data/facts``.
Settings are passed to whoever needs them and never imported as a global.
"""

from __future__ import annotations

import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from data.errors import ConfigError
from data.model import SourceKind
from data.section import SLUG, Section
from data.settings_channels import Channel, EmailChannel, WebhookChannel
from data.settings_dashboard import Dashboard
from data.settings_digest import Digest

__all__ = ["Channel", "EmailChannel", "Section", "Settings", "WebhookChannel", "load"]

DEFAULT_FILE = "settings.toml"


class Privacy(Section):
    """How people are kept out of the store."""

    key: SecretStr | None = Field(
        None,
        description="secret of the author pseudonyms; without it one is made in var/ at first use",
    )


class Approval(Section):
    """Who allowed a source to be read, when and on what basis; without it nothing is fetched."""

    by: str = Field(min_length=1, description="the person who decided")
    on: date = Field(description="the day of the decision")
    basis: str = Field(min_length=1, description="why it is allowed, in a sentence")


class SourceSettings(Section):
    """What an operator decides about one source of data/facts/sources.yaml."""

    enabled: bool = Field(True, description="false: keep the approval, do not read")
    approval: Approval | None = Field(None, description="who allowed it, when, on what basis")
    base_url: str = Field("", description="read here instead: a proxy or a replica")
    every_minutes: Annotated[float, Field(gt=0)] | None = Field(
        None, description="how often; default is the registry's"
    )
    delay_seconds: Annotated[float, Field(ge=0)] | None = Field(
        None,
        description="pause between requests; default is the registry's, robots.txt may ask more",
    )
    targets: tuple[str, ...] = Field(
        (), description="what to ask for: names to search, company ids"
    )
    signing_key: SecretStr | None = Field(
        None, description="the site's signing constant, if approved"
    )


class Crawl(Section):
    """How we behave on other people's servers."""

    user_agent: str = Field("TingfengBot/2026.11", description="who we say we are")
    contact: str = Field(
        "", description="mail or page for site owners, part of the user agent; live crawls need it"
    )
    timeout_seconds: Annotated[float, Field(gt=0)] = Field(
        900.0, description="longest run of one crawl"
    )


class Folder(Section):
    """A folder whose files `tingfeng run` takes in (docs/import.md)."""

    path: Path = Field(description="what is put here is read, then moved into done/ or failed/")
    map: str = Field("usual", min_length=1, description="a column map's name: tingfeng map list")
    source: str = Field(
        "", pattern=f"({SLUG})|^$", description="name to file the rows under; default is the map's"
    )
    kind: SourceKind | None = Field(
        None, description="complaint, post, news, regulator, other; default is the map's"
    )
    rest_seconds: Annotated[float, Field(ge=0)] = Field(
        30.0, description="a file untouched for so long is whole"
    )


class Retention(Section):
    """How long what was collected is kept."""

    captures_days: Annotated[int, Field(ge=0)] = Field(
        180, description="pages as received; 0 keeps none, only their hash"
    )
    evidence_days: Annotated[int, Field(ge=0)] = Field(
        1825, description="pages behind the mentions of an incident, from its last change"
    )


class Burst(Section):
    """When a count is unusual (alerts/detect.py)."""

    minimum: Annotated[int, Field(ge=1)] = Field(5, description="fewer mentions an hour never fire")
    history_days: Annotated[int, Field(ge=7)] = Field(
        28, description="what is usual is learnt from these"
    )
    rarity: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.0005, description="fire when an ordinary hour would be this loud less often than this"
    )


class Person(Section):
    """Somebody who can be on duty. ``ids`` is how each bot channel, by its name, calls them."""

    name: str = Field(min_length=1, max_length=64)
    ids: dict[str, str] = Field(default_factory=dict)


class Rota(Section):
    """Who is on duty when; people take turns."""

    starts: date | None = Field(None, description="first day of the first person")
    days_each: Annotated[int, Field(ge=1)] = Field(7, description="how long a turn is")
    hand_over: str = Field("09:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="in Shanghai")
    people: tuple[Person, ...] = Field(
        (), description="tables [[alerts.rota.people]]: name, and ids by the bot channel's name"
    )


class Alerts(Section):
    """From assessments to incidents."""

    tick_seconds: Annotated[float, Field(gt=0)] = Field(15.0, description="pause between two ticks")
    severe_from: Annotated[int, Field(ge=1, le=5)] = Field(
        4, description="a single mention of this severity opens an incident"
    )
    join_hours: Annotated[float, Field(gt=0)] = Field(48.0, description="signals this close join")
    close_after_hours: Annotated[float, Field(gt=0)] = Field(
        72.0, description="an incident without news for this long is closed"
    )
    fresh_hours: Annotated[float, Field(gt=0)] = Field(
        24.0, description="older findings are recorded, but nobody is woken for them"
    )
    levels: Path | None = Field(
        None, description="YAML with your own conditions of 蓝黄橙红, like data/facts/levels.yaml"
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://.*[^/])?$",
        description="where people reach the page behind the links in messages; none: no links",
    )
    answer_port: Annotated[int, Field(ge=1, le=65535)] = Field(
        8502, description="of that page, on loopback; your proxy forwards public_url/ack/ to it"
    )
    link_key: SecretStr | None = Field(
        None, description="secret that signs the links; without it one is made in var/"
    )
    telling: Path | None = Field(
        None, description="YAML that says whom to tell and when, instead of data/facts/telling.yaml"
    )
    burst: Burst = Burst()
    rota: Rota = Rota()


class Settings(BaseSettings):
    """The settings file as a whole."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="TINGFENG_", env_nested_delimiter="__"
    )

    database: str = Field(
        "sqlite:///data/var/tingfeng.db",
        description="sqlite:///FILE, or postgresql+psycopg://USER@HOST/NAME with PGPASSWORD set",
    )
    var: Path = Field(Path("data/var"), description="folder for what is made while running")
    lenders: Path | None = Field(None, description="YAML with your lender, its products and rivals")
    allegations: Path | None = Field(
        None, description="YAML with what people allege, like data/facts/allegations.yaml"
    )
    vote: bool = Field(
        False,
        description="ask a small transformer for a second opinion on each text (extra: vote)",
    )
    vote_model: Path | None = Field(
        None,
        description="folder of another transformer: model.onnx and tokenizer.json",
    )
    privacy: Privacy = Privacy()
    crawl: Crawl = Crawl()
    retention: Retention = Retention()
    sources: dict[str, SourceSettings] = Field(default_factory=dict)
    folders: tuple[Folder, ...] = ()
    alerts: Alerts = Alerts()
    channels: tuple[Channel, ...] = ()
    dashboard: Dashboard = Dashboard()
    digest: Digest = Digest()

    _file: Path | None = PrivateAttr(None)

    @property
    def file(self) -> Path | None:
        """The TOML file these came from, for child processes and messages."""
        return self._file

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [channel.name for channel in self.channels]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"channels: the name {min(twice)!r} is used twice; names must differ")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file; read nothing else."""
        return env_settings, init_settings


def load(path: Path | None = None) -> Settings:
    """Read the settings from ``path``, ``$TINGFENG_CONFIG`` or ./settings.toml, in that order.

    A file that was named must exist; without any file the defaults hold.
    Raises ConfigError with one sentence that names the file, the key and the remedy.
    """
    named = path or (Path(p) if (p := os.environ.get("TINGFENG_CONFIG")) else None)
    file = named or Path(DEFAULT_FILE)
    values = _read(file, must_exist=named is not None)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise ConfigError(_sentence(file, error)) from None
    if file.exists():
        settings._file = file.resolve()  # noqa: SLF001 - our own class, and it is frozen
    return settings


def _read(file: Path, *, must_exist: bool) -> dict[str, Any]:
    if not file.exists():
        if must_exist:
            raise ConfigError(f"{file}: there is no such settings file; copy settings.example.toml")
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not readable as TOML: {error}") from None


def _sentence(file: Path, error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{file}: {key}: there is no such setting; settings.example.toml lists all of them"
    shown = f" (it is {first['input']!r})" if isinstance(first["input"], bool | int | float) else ""
    message = first["msg"].removeprefix("Value error, ")
    more = len(error.errors()) - 1
    rest = f"; and {more} more" if more else ""
    return f"{file}: {key}: {message}{shown}{rest}" if key else f"{file}: {message}{rest}"
