"""The settings of the pages: where they are served, and who may sign in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from data.section import Section

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

SignIn = Literal["none", "accounts", "header"]
"""none: whoever sits at this machine; accounts: ours; header: a proxy in front says who."""
RoleName = Literal["viewer", "analyst", "compliance", "admin"]


class Dashboard(Section):
    """The pages."""

    host: str = Field("127.0.0.1", description="any but loopback needs sign-in by accounts")
    port: Annotated[int, Field(ge=1, le=65535)] = 8501
    language: Literal["zh", "en"] = "zh"
    inbox: Path | None = Field(
        None, description="a maildir to show as a page: the demo's local inbox"
    )
    sign_in: SignIn = Field(
        "none", description="none: loopback only; accounts: tingfeng user; header: behind a proxy"
    )
    user_header: str = Field(
        "X-Forwarded-User", min_length=1, description="in which the proxy says who signed in"
    )
    roles: dict[str, RoleName] = Field(
        default_factory=dict,
        description="with header: what each name may do; a name that is missing may nothing",
    )

    @model_validator(mode="after")
    def _nobody_unknown(self) -> Self:
        if self.host not in LOOPBACK and self.sign_in == "none":
            raise ValueError(
                "host: without sign-in only 127.0.0.1, localhost or ::1 is served; "
                'set sign_in = "accounts" first'
            )
        if self.host not in LOOPBACK and self.sign_in == "header":
            raise ValueError(
                'host: with sign_in = "header" only loopback is served, or anyone could send the '
                "header; let the proxy forward to 127.0.0.1"
            )
        return self
