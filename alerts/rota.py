"""Who is on duty at a moment; pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from data.model import SHANGHAI
from data.settings import Person, Rota


def on_call(rota: Rota, now: datetime) -> Person | None:
    """Return who is on duty; None without a rota. Duty changes at ``hand_over`` in Shanghai."""
    if not rota.people or rota.starts is None:
        return None
    clock = time.fromisoformat(rota.hand_over)
    local = now.astimezone(SHANGHAI) - timedelta(hours=clock.hour, minutes=clock.minute)
    turn = (local.date() - rota.starts).days // rota.days_each
    return rota.people[turn % len(rota.people)]
