"""The settings of the pages: where they are served, and who may sign in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from data.section import Section

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

SignIn = Literal["none", "accounts", "header", "oidc"]
"""none: whoever sits at this machine; accounts: ours; header, oidc: a proxy or a provider says."""
RoleName = Literal["viewer", "analyst", "compliance", "admin"]


class Oidc(Section):
    """With sign_in oidc: your own identity provider, by OpenID Connect."""

    issuer: str = Field(
        "",
        pattern=r"^(https?://.*[^/])?$",
        description="its address, without /.well-known/openid-configuration",
    )
    client_id: str = Field("", description="as registered there, with {public_url}/oauth2callback")
    client_secret: SecretStr | None = Field(
        None, description="belongs into TINGFENG_DASHBOARD__OIDC__CLIENT_SECRET"
    )
    cookie_secret: SecretStr | None = Field(
        None, description="signs the cookie of who is signed in; without it one is made in var/"
    )
    person: str = Field(
        "email",
        min_length=1,
        description="claim that names a person, as in roles; an email must be verified there",
    )
    groups: str = Field("", description="claim that lists a person's groups; none: roles by name")
    group_roles: dict[str, RoleName] = Field(
        default_factory=dict, description="what each group may do; the highest role counts"
    )


class Dashboard(Section):
    """The pages."""

    host: str = Field("127.0.0.1", description="any but loopback needs accounts or oidc")
    port: Annotated[int, Field(ge=1, le=65535)] = 8501
    language: Literal["zh", "en"] = "zh"
    inbox: Path | None = Field(
        None, description="a maildir to show as a page: the demo's local inbox"
    )
    sign_in: SignIn = Field(
        "none",
        description="none: loopback only; accounts: tingfeng user; header: a proxy; oidc: below",
    )
    user_header: str = Field(
        "X-Forwarded-User", min_length=1, description="in which the proxy says who signed in"
    )
    roles: dict[str, RoleName] = Field(
        default_factory=dict,
        description="with header or oidc: what each may do; a name that is missing may nothing",
    )

    oidc: Oidc = Oidc()

    @model_validator(mode="after")
    def _nobody_unknown(self) -> Self:
        if self.host not in LOOPBACK and self.sign_in == "none":
            raise ValueError(
                "host: without sign-in only 127.0.0.1, localhost or ::1 is served; "
                'set sign_in = "accounts" or "oidc" first'
            )
        if self.host not in LOOPBACK and self.sign_in == "header":
            raise ValueError(
                'host: with sign_in = "header" only loopback is served, or anyone could send the '
                "header; let the proxy forward to 127.0.0.1"
            )
        return self

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        if self.sign_in != "oidc":
            return self
        for name in ("issuer", "client_id", "client_secret"):
            if not getattr(self.oidc, name):
                raise ValueError(f'oidc.{name}: sign_in = "oidc" needs it; your provider shows it')
        issuer = urlsplit(self.oidc.issuer)
        if issuer.scheme != "https" and issuer.hostname not in LOOPBACK:
            raise ValueError("oidc.issuer: a provider elsewhere must be asked by https")
        return self
