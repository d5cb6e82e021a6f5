"""Score a table of counts: file, timestamp, value in; file, timestamp, anomaly_score out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alerts.rarity import BUCKET, Floats, scores
from data.errors import InputError

COLUMNS = ("file", "timestamp", "value")
_SECONDS = int(BUCKET.total_seconds())


def score_file(source: Path, target: Path) -> int:
    """Score every row of a CSV (also .gz, .xz) and write the scores; return the rows.

    Each ``file`` is a series of its own, in order of time. Raises InputError that names the file,
    the row and the remedy.
    """
    table = _read(source)
    table["anomaly_score"] = 0.0
    for name, rows in table.groupby("file", sort=False):
        moments = rows["timestamp"].to_numpy("datetime64[s]").astype(np.int64)
        backwards = np.flatnonzero(np.diff(moments) < 0)
        if backwards.size:
            line = int(rows.index[backwards[0] + 1]) + 2
            raise InputError(
                f"{source}, line {line}, timestamp: {name} goes back in time; sort by timestamp"
            )
        found = score_rows(moments, rows["value"].to_numpy(np.float64))
        table.loc[rows.index, "anomaly_score"] = found
    table["timestamp"] = table["written"]
    try:
        table[["file", "timestamp", "anomaly_score"]].to_csv(target, index=False)
    except OSError as error:
        raise InputError(f"{target}: {error.strerror}; name a file that can be written") from None
    return len(table)


def _read(source: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(source, dtype={"file": str, "timestamp": str})
    except OSError as error:
        raise InputError(f"{source}: {error.strerror}; name a CSV that can be read") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{source}: not readable as CSV: {error}") from None
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise InputError(
            f"{source}: the column {missing[0]} is missing; the first line must name "
            f"{', '.join(COLUMNS)}"
        )
    table["written"] = table["timestamp"]
    table["timestamp"] = pd.to_datetime(table["written"], utc=True, errors="coerce", format="mixed")
    table["value"] = pd.to_numeric(table["value"], errors="coerce")
    for name in ("timestamp", "value"):
        wrong = np.flatnonzero(table[name].isna())
        if wrong.size:
            raise InputError(
                f"{source}, line {int(wrong[0]) + 2}, {name}: not a "
                f"{'time' if name == 'timestamp' else 'number'}; correct it or leave the row out"
            )
    return table


def score_rows(moments: NDArray[np.int64], values: Floats) -> Floats:
    """Return a score a row; ``moments`` are seconds since the epoch, ascending, one a value.

    A half hour is scored on the row with which it is complete, all other rows are 0: nothing looks
    ahead. A half hour without a row is a gap, not a zero.
    """
    number, ends = half_hours(moments)
    first = int(number[0])
    sums = np.full(int(number[-1]) - first + 1, np.nan)
    sums[np.unique(number - first)] = 0.0
    np.add.at(sums, number - first, values)
    found = scores(sums, first)
    told = np.zeros(len(values))
    for row, half_hour in ends:
        told[row] = max(told[row], found[half_hour - first])
    return told


def half_hours(moments: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[tuple[int, int]]]:
    """Return the half hour of each row, and (row, half hour) where one is complete.

    It is complete with the row after which, at the pace of the last two, it is over; a row that
    comes all the same counts for the next. Where the pace broke, a later row completes it.
    """
    number = moments // _SECONDS
    ends: list[tuple[int, int]] = []
    done = int(number[0]) - 1
    for row in range(len(moments)):
        now = max(int(number[row]), done + 1)
        number[row] = now
        if row and number[row - 1] > done and number[row - 1] < now:
            ends.append((row, int(number[row - 1])))
        pace = int(moments[row] - moments[row - 1]) if row else 0
        if moments[row] + pace >= (now + 1) * _SECONDS:
            ends.append((row, now))
            done = now
    return number, ends
