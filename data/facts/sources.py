"""The registry of public sources: what is read, how gently, on what basis, what stays unseen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.errors import FactError
from data.model import SourceKind

FILE = Path(__file__).with_name("sources.yaml")


@dataclass(frozen=True, slots=True)
class SourceFact:
    """One public place: the defaults an operator may make gentler, and the words about it."""

    slug: str
    zh: str
    en: str
    kind: SourceKind
    base_url: str  # "" where each target is an address of its own
    every: timedelta  # between two crawls
    delay: float  # seconds between two requests
    overlap: timedelta  # read again behind the newest item: late and edited ones
    pages: int  # list pages per target and crawl, at most
    reads: str
    targets: str  # what a target is, in words
    defaults: tuple[str, ...]  # targets when the settings name none
    targets_from: str  # "lenders": then the names in the lenders file are the targets
    signed: bool  # requests carry a signature whose constant only the operator may supply
    legal: str
    blind: str  # what it cannot see

    @property
    def host(self) -> str:
        """The public host, as people know the source."""
        return urlsplit(self.base_url).hostname or ""


class _Entry(BaseModel):
    """An entry of the YAML file as it is written there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    kind: SourceKind
    base_url: str = Field(pattern=r"^(https?://[^/]+)?$")
    every: Annotated[float, Field(gt=0)]
    delay: Annotated[float, Field(ge=1)]  # nobody is read faster than once a second
    overlap: Annotated[float, Field(ge=0)]
    pages: Annotated[int, Field(ge=1)]
    reads: str = Field(min_length=1)
    targets: str = Field(min_length=1)
    defaults: tuple[str, ...] = ()
    targets_from: Literal["", "lenders"] = ""
    signed: bool = False
    legal: str = Field(min_length=1)
    blind: str = Field(min_length=1)


@cache
def sources(path: Path | None = None) -> Mapping[str, SourceFact]:
    """Read the registry, in the order of the file. Raises FactError (file, entry, field)."""
    file = path or FILE
    try:
        raw = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise FactError(f"{file}: not readable as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(raw, dict):
        raise FactError(f"{file}: expected a table of sources, one entry per slug")
    return {str(slug): _fact(file, str(slug), entry) for slug, entry in raw.items()}


def _fact(file: Path, slug: str, entry: Any) -> SourceFact:
    if not isinstance(entry, dict):
        raise FactError(f"{file}: {slug}: expected a table with zh, en, kind, base_url and so on")
    try:
        read = _Entry.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise FactError(f"{file}: {slug}: {field}: {first['msg']}") from None
    values = read.model_dump() | {
        "every": timedelta(minutes=read.every),
        "overlap": timedelta(hours=read.overlap),
    }
    return SourceFact(slug=slug, **values)


def as_document(facts: Mapping[str, SourceFact]) -> str:
    """Return docs/sources.md: the registry as a page for people."""
    lines = [_HEAD]
    for fact in facts.values():
        place = fact.host or "站点由 `targets` 指定"
        lines += ["", f"## {fact.zh}（`{fact.slug}`）", "", f"{fact.en}，{place}", ""]
        lines += [f"- **{name}**：{value}" for name, value in _rows(fact)]
    return "\n".join(lines) + "\n"


def _rows(fact: SourceFact) -> list[tuple[str, str]]:
    minutes, hours = fact.every.total_seconds() / 60, fact.overlap.total_seconds() / 3600
    defaults = f"；默认 {'、'.join(fact.defaults)}" if fact.defaults else ""
    if fact.targets_from:
        defaults = "；不填则用机构名单（lenders）里的名称"
    return [
        ("读什么", fact.reads),
        ("目标 `targets`", fact.targets + defaults),
        (
            "多久一次",
            f"每 {minutes:g} 分钟；两次请求之间至少 {fact.delay:g} 秒，robots.txt 可要求更久",
        ),
        ("回看", f"最新一条之前 {hours:g} 小时，每个目标最多 {fact.pages} 页列表"),
        ("依据与限制", fact.legal),
        ("看不到什么", fact.blind),
    ]


_HEAD = """# 来源

本页由 `data/facts/sources.yaml` 生成，有测试比对，请勿手改：
`python -m data.facts > docs/sources.md`。

列在这里不等于可以采集：每个来源都要写明谁、何时、依据什么批准，否则一个请求也不会发出。
用命令批准（当场核对 robots.txt，一并记入历史，可随时 `--withdraw` 撤回），或写进 `settings.toml`：

```
tingfeng source approve nfra_penalty --by 批准人 --basis 依法主动公开的信息
```

```toml
[crawl]
contact = "monitor@example.com"        # 站点方能联系到的地址

[sources.nfra_penalty.approval]
by = "批准人"
on = 2026-11-20
basis = "依法主动公开的信息"
```

没有固定站点的两个来源要写明地址，只读写明的主机：

```toml
[sources.rss_feed]
base_url = "http://127.0.0.1:1200"     # 自建的 RSSHub，可不写
targets = ["/thepaper/featured", "https://www.example.com/feed.xml"]

[sources.article]
targets = ["https://www.example.com/news/", "https://www.example.com/sitemap.xml"]
```

自己的文件也是来源（商家账号的导出、数据商的文件、放进文件夹的表格），见 [import.md](import.md)；
修改与下架怎样发现，见 [crawling.md](crawling.md)。

共同的规矩：

- 一个主机同时只有一个请求，几个来源同在一个主机上就依次读；用户代理写明身份与联系方式；
- 严格遵守 robots.txt：5xx、HTML 或连不上都按「不许」处理，`Crawl-delay` 照办；
- 遇到 401、403、418、429、432、456、登录页或验证页立刻停止并退避，
  对方用 `Retry-After` 说了多久就等多久；
- 不登录、不带 cookie、不破解验证码、不伪装浏览器、不换代理；
- 作者昵称入库前换成不可逆的代号，手机号、证件号、卡号入库前打码。

每次采集的结局：`ok` 有新内容，`empty` 页面认得但没有新内容，`refused` 被拒绝，
`changed` 页面变了，`failed` 网络或程序出错，`killed` 进程消失。只有前两种才推进水位线。"""
