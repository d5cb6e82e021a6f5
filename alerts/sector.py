"""Is it the sector or us? What rivals hear in the same hours, against what is usual for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from alerts.baseline import Baseline, Past
from alerts.detect import WINDOWS
from alerts.series import DAY, HOUR, midnight
from data.model import Signal
from data.settings import Burst
from data.store import series, signals

OURS = 2.0
"""So many times as far above the threshold as the rivals: then it is ours, whatever they hear."""


@dataclass(frozen=True, slots=True)
class Rivals:
    """The rivals' negative mentions, taken together."""

    conn: Connection
    lenders: Sequence[str]
    policy: Burst

    def compare(self, signal: Signal) -> Signal:
        """Return a volume signal with what the rivals heard, and whether it is the sector's."""
        if not self.lenders or signal.rule not in WINDOWS:
            return signal
        end, window = signal.at, signal.window
        heard = signals.count(self.conn, self.lenders, end - window, end)
        bounds = self._baseline(end, max(int(window / HOUR), 1)).bounds(end)
        alarmed = np.isfinite(bounds.threshold) and heard >= bounds.threshold
        own, theirs = signal.value / max(signal.threshold, 1.0), heard / max(bounds.threshold, 1.0)
        told = {
            "rivals": heard,
            "rivals_expected": bounds.expected,
            "rivals_threshold": bounds.threshold if np.isfinite(bounds.threshold) else None,
            "sector": bool(alarmed and own < OURS * theirs),
        }
        return replace(signal, detail={**signal.detail, **told})

    def _baseline(self, end: datetime, hours: int) -> Baseline:
        first = midnight(end - HOUR * hours)
        start = first - DAY * (self.policy.history_days + 2)
        days = int((midnight(end) - start) / DAY) + 1
        counts = np.zeros((days, 24))
        for hour, n in series.negative_totals(self.conn, self.lenders, start, start + DAY * days):
            counts[divmod(int((hour - start) // HOUR), 24)] += n
        least = self.policy.minimum * (2 if hours > 1 else 1)
        policy = self.policy.model_copy(update={"minimum": least})
        return Baseline(counts, Past(counts, start, self.policy.history_days), policy, hours)
