"""The settings: what is wrong is said in one sentence that names the file, the key, the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import ConfigError
from data.keys import pseudonym_key
from data.settings import load
from data.settings_example import example

ROOT = Path(__file__).parents[2]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_example_is_what_the_model_says() -> None:
    assert (ROOT / "settings.example.toml").read_text("utf-8") == example()


def test_the_example_is_valid_and_says_the_defaults(tmp_path: Path) -> None:
    assert load(written(tmp_path, example())).model_dump() == load_defaults(tmp_path)


def load_defaults(tmp_path: Path) -> dict[str, object]:
    return load(written(tmp_path, "")).model_dump()


def test_the_example_with_every_comment_taken_off_is_valid(tmp_path: Path) -> None:
    lines = [
        line.removeprefix("# ")
        for line in example().splitlines()
        if not line.startswith("# ") or line.startswith("# [") or " = " in line
    ]
    filled = [line for line in lines if not line.rstrip().endswith("=")]
    settings = load(written(tmp_path, "\n".join(filled[3:])))
    assert settings.sources["eastmoney_news"].approval is not None
    kinds = ["email", "wecom", "dingtalk", "feishu", "webhook", "apprise"]
    assert [channel.type for channel in settings.channels] == kinds


WRONG = {
    "misspelt-key": ("databse = 'x'", "databse: there is no such setting"),
    "misspelt-inner-key": ("[alerts.burst]\nminimun = 3", "alerts.burst.minimun: there is no such"),
    "number-too-small": ("[alerts.burst]\nminimum = 0", "alerts.burst.minimum: .*(it is 0)"),
    "text-for-number": ("[alerts]\ntick_seconds = 'soon'", "alerts.tick_seconds: "),
    "not-toml": ("database =", "not readable as TOML"),
    "open-to-the-world": ("[dashboard]\nhost = '0.0.0.0'", "dashboard: host: without sign-in"),
    "two-channels-same-name": (
        "[[channels]]\ntype='webhook'\nname='a'\nurl='http://h/'\nsecret='s'\n" * 2,
        "the name 'a' is used twice",
    ),
    "unknown-channel": ("[[channels]]\ntype='pigeon'\nname='a'", "channels.0: "),
    "approval-without-basis": (
        "[sources.heimao_public.approval]\nby='x'\non=2026-01-01",
        "sources.heimao_public.approval.basis: Field required",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(case: str, tmp_path: Path) -> None:
    text, sentence = WRONG[case]
    with pytest.raises(ConfigError, match=sentence) as caught:
        load(written(tmp_path, text))
    assert str(caught.value).startswith(str(tmp_path / "settings.toml"))
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"copy settings\.example\.toml"):
        load(tmp_path / "nowhere.toml")


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGFENG_ALERTS__TICK_SECONDS", "7")
    settings = load(written(tmp_path, "[alerts]\ntick_seconds = 99\nsevere_from = 5"))
    assert (settings.alerts.tick_seconds, settings.alerts.severe_from) == (7, 5)


def test_a_secret_never_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINGFENG_PRIVACY__KEY", "sesam-oeffne-dich")
    text = "[[channels]]\ntype='webhook'\nname='a'\nurl='http://h/'\nsecret='sesam-zwei'"
    settings = load(written(tmp_path, text))
    shown = repr(settings) + str(settings) + settings.model_dump_json()
    assert "sesam" not in shown
    assert pseudonym_key(settings) == b"sesam-oeffne-dich"


def test_a_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = load(written(tmp_path, f"var = '{tmp_path}/var'"))
    key = pseudonym_key(settings)
    assert len(key) == 32
    assert pseudonym_key(settings) == key
    assert (tmp_path / "var" / "pseudonym.key").stat().st_mode & 0o077 == 0
    assert [p.name for p in (tmp_path / "var").iterdir()] == ["pseudonym.key"]


def test_a_key_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file, not a folder")
    settings = load(written(tmp_path, f"var = '{tmp_path}/var'"))
    with pytest.raises(ConfigError, match="TINGFENG_PRIVACY__KEY"):
        pseudonym_key(settings)
