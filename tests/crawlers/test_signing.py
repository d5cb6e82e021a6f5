"""The signature, by the published shape and a constant of our own."""

from __future__ import annotations

from crawlers.signing import signature


def test_the_known_vector() -> None:
    made = signature("$TESTCONST%", "1795449600000", "0123456789abcdef", ("某某金融", "10", "1"))
    assert made == "0a71853ce2dcd3fd7a6c7fbd4527de22c36e9f03c083758f489b1022b016c40f"
