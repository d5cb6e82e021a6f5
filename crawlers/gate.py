"""May this source be read at all, and where and for what? Pure questions to the settings."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from crawlers.addresses import hosts, is_address
from data.facts.sources import SourceFact
from data.model import Lender
from data.settings import Crawl, Settings, SourceSettings
from data.store.approvals import Decision

_SHORTEST_TERM = 3  # shorter names find too much else to be asked for


def refusal(fact: SourceFact, settings: Settings, decision: Decision | None = None) -> str:
    """Return why nothing may be fetched, with the remedy, as one sentence; "" when it may.

    ``decision`` is the newest one in the store. One that was withdrawn there wins over the
    settings: whoever says no is obeyed.
    """
    ours = settings.sources.get(fact.slug, SourceSettings())
    place = f"[sources.{fact.slug}]"
    if unapproved := _unapproved(fact, settings, decision):
        return unapproved
    if not ours.enabled:
        return f"{fact.slug} is switched off: set enabled = true under {place}"
    if fact.signed and ours.signing_key is None:
        return f"{fact.slug} asks for a signature: set signing_key under {place} if approved"
    if not is_local(fact, ours) and not settings.crawl.contact.strip():
        return "crawl.contact is empty: set an address that a site owner can write to"
    if not base_url(fact, ours) and not all(map(is_address, ours.targets)):
        return f"{fact.slug} has no site of its own: write whole addresses as targets under {place}"
    return ""


def _unapproved(fact: SourceFact, settings: Settings, decision: Decision | None) -> str:
    if decision is not None and not decision.allows:
        return (
            f"{fact.slug} is not approved any more: {decision.by} withdrew it on "
            f"{decision.at:%Y-%m-%d} ({decision.basis}); `tingfeng source approve {fact.slug}` "
            "allows it again"
        )
    if decision is None and settings.sources.get(fact.slug, SourceSettings()).approval is None:
        return (
            f"{fact.slug} is not approved: run `tingfeng source approve {fact.slug}`, or add "
            f"[sources.{fact.slug}.approval] with by, on and basis to "
            f"{settings.file or 'settings.toml'}"
        )
    return ""


def base_url(fact: SourceFact, ours: SourceSettings) -> str:
    """Return where the source is read, without a slash at the end."""
    return (ours.base_url or fact.base_url).rstrip("/")


def delay(fact: SourceFact, ours: SourceSettings) -> float:
    """Return the seconds between two requests: on a public host never less than the registry's."""
    asked = fact.delay if ours.delay_seconds is None else ours.delay_seconds
    return asked if is_local(fact, ours) else max(asked, fact.delay)


def targets(fact: SourceFact, ours: SourceSettings, lenders: Iterable[Lender]) -> tuple[str, ...]:
    """Return what to ask the source for: the operator's list, or the registry's default."""
    if ours.targets:
        return ours.targets
    if fact.targets_from == "lenders":
        return search_terms(lenders)
    return fact.defaults


def search_terms(lenders: Iterable[Lender]) -> tuple[str, ...]:
    """Return the fewest names that find every name: of two, the shorter finds the longer.

    Names under three characters are left out.
    """
    names = {name for lender in lenders for name in (lender.zh, *lender.names)}
    names = {name for name in names if len(name) >= _SHORTEST_TERM}
    return tuple(sorted(n for n in names if not any(o != n and o in n for o in names)))


def user_agent(crawl: Crawl) -> str:
    """Return who we say we are, with the contact address in it."""
    contact = crawl.contact.strip()
    return f"{crawl.user_agent} (+{contact})" if contact else crawl.user_agent


def public_hosts(fact: SourceFact, settings: Settings) -> list[str]:
    """Return the hosts that a source is read from, without this machine, in one order for all."""
    ours = settings.sources.get(fact.slug, SourceSettings())
    asked = [base_url(fact, ours), *ours.targets]
    return sorted(host for host in hosts(*asked) if not is_loopback(f"http://{host}"))


def is_local(fact: SourceFact, ours: SourceSettings) -> bool:
    """Tell whether all that a source is read from stays on this machine."""
    places = [base_url(fact, ours), *filter(is_address, ours.targets)]
    return all(is_loopback(place) for place in places if place)


def is_loopback(url: str) -> bool:
    """Tell whether a URL stays on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
