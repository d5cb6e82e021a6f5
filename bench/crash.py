"""2,000 alerts while the sender dies before and after every step: lost, doubled, marked?"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from data.store.db import Store
from tests.alerts.storm import Brittle, storm

ALERTS = 2_000


def main() -> int:
    failed = 0
    for seed, chance in ((1, 0.01), (2, 0.05)):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/store.db"
            plain = Store(url)
            plain.migrate()
            plain.dispose()
            store = Brittle(url)
            found = storm(Path(folder), store, ALERTS, chance, seed)
            store.dispose()
        print(f"crash chance {chance:.0%} a step:", asdict(found), flush=True)
        failed += bool(found.lost or found.unmarked or found.too_fast)
    return failed


if __name__ == "__main__":
    sys.exit(main())
