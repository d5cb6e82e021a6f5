"""Pages are kept as received: read back, verified, and whole after a kill at any byte."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from data import evidence
from data.errors import EvidenceError, StoreError
from data.evidence import Archive, Page, Place

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
FILE = "heimao/20261125-001.warc.gz"


def a_page(body: bytes = b"<html>page</html>", url: str = "http://a.example/x?y=1") -> Page:
    headers = (("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    return Page(url, 200, headers, body, NOW, (("User-Agent", "Bot/1"),))


def kept(folder: Path, *bodies: bytes) -> list[Place]:
    with Archive(folder, "heimao", NOW, {"software": "Bot/1"}) as archive:
        places = [
            archive.add(a_page(body, f"http://a.example/{i}")) for i, body in enumerate(bodies)
        ]
        archive.sync()
    return places


@settings(max_examples=30, deadline=None)
@given(bodies=st.lists(st.binary(max_size=3000), min_size=1, max_size=4))
def test_what_goes_in_comes_out(
    bodies: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("captures")
    for body, place in zip(bodies, kept(folder, *bodies), strict=True):
        page = evidence.verify(folder, place, Page("", 200, (), body, NOW).sha256)
        assert page.body == body
        assert (page.status, page.fetched_at, page.headers) == (200, NOW, a_page().headers)


def test_any_warc_tool_reads_it_and_its_digests_hold(tmp_path: Path) -> None:
    kept(tmp_path, b"one", b"two" * 5000)

    class Options:
        inputs = [str(tmp_path / FILE)]  # noqa: RUF012
        verbose = False

    assert Checker(Options()).process_all() == 0
    with (tmp_path / FILE).open("rb") as file:
        kinds = [record.rec_type for record in ArchiveIterator(file)]
    assert kinds == ["warcinfo", "response", "request", "response", "request"]


def test_originals_are_for_their_owner_alone(tmp_path: Path) -> None:
    kept(tmp_path, b"one")
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert (tmp_path / "heimao").stat().st_mode & 0o077 == 0


def test_an_encoded_body_is_kept_encoded_and_can_be_opened(tmp_path: Path) -> None:
    body = gzip.compress("投诉".encode())
    page = Page("http://a.example/", 200, (("Content-Encoding", "gzip"),), body, NOW)
    with Archive(tmp_path, "heimao", NOW, {}) as archive:
        place = archive.add(page)
    found = evidence.read(tmp_path, place)
    assert found.body == body
    assert evidence.content(found).decode() == "投诉"
    torn = Page("http://a.example/", 200, found.headers, body[:-9], NOW)
    with pytest.raises(EvidenceError, match="received broken"):
        evidence.content(torn)


def test_a_torn_end_is_ignored_and_mended_wherever_the_kill_came(tmp_path: Path) -> None:
    places = kept(tmp_path, b"first", b"second" * 100)
    whole = (tmp_path / FILE).read_bytes()
    last = places[-1].offset
    for cut in range(last + 1, len(whole), 7):
        (tmp_path / FILE).write_bytes(whole[:cut])
        found = [page.body for _, page in evidence.pages(tmp_path / FILE)]
        assert found[0] == b"first"
        (again,) = kept(tmp_path, b"third")
        assert again.file == FILE
        assert evidence.read(tmp_path, places[0]).body == b"first"
        assert evidence.read(tmp_path, again).body == b"third"
        assert [*found, b"third"] == [page.body for _, page in evidence.pages(tmp_path / FILE)]


def test_a_record_broken_in_the_middle_costs_no_other(tmp_path: Path) -> None:
    places = kept(tmp_path, b"first", b"second", b"third")
    data = bytearray((tmp_path / FILE).read_bytes())
    data[places[1].offset + 40] ^= 0xFF
    (tmp_path / FILE).write_bytes(data)
    (after,) = kept(tmp_path, b"fourth")
    assert after.file != FILE  # the damaged file is left as it is
    assert evidence.read(tmp_path, places[2]).body == b"third"
    with pytest.raises(EvidenceError, match="no whole record"):
        evidence.read(tmp_path, places[1])


def test_an_altered_page_is_noticed(tmp_path: Path) -> None:
    (place,) = kept(tmp_path, b"they said this")
    with pytest.raises(EvidenceError, match="altered"):
        evidence.verify(tmp_path, place, Page("", 200, (), b"they said that", NOW).sha256)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="restore the file from your backup"):
        evidence.read(tmp_path, Place(FILE, 0, 10))


def test_two_writers_have_two_files(tmp_path: Path) -> None:
    with Archive(tmp_path, "heimao", NOW, {}) as one, Archive(tmp_path, "heimao", NOW, {}) as two:
        assert one.add(a_page()).file != two.add(a_page()).file


def test_a_full_file_is_followed_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "FULL", 2000)
    places = kept(tmp_path, *(bytes([i]) * 900 for i in range(12)))
    assert len({place.file for place in places}) > 1
    for i, place in enumerate(places):
        assert evidence.read(tmp_path, place).body == bytes([i]) * 900


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "heimao").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="captures_days = 0"):
        Archive(tmp_path, "heimao", NOW, {})


def test_killed_while_writing_the_file_stays_readable(tmp_path: Path) -> None:
    """A real process, really killed: every page it told of is there, whole."""
    code = (
        "import sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
        "from data.evidence import Archive, Page\n"
        "a = Archive(Path(sys.argv[1]), 'heimao', datetime(2026, 11, 25, 6, tzinfo=UTC), {})\n"
        "for i in range(100000):\n"
        "    p = a.add(Page(f'http://a/{i}', 200, (), str(i).encode() * 999, a_now := "
        "datetime(2026, 11, 25, tzinfo=UTC)))\n"
        "    print(i, p.offset, p.length, flush=True)\n"
    )
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for _ in range(40):
            process.stdout.readline()
        process.kill()
        told = [line.split() for line in process.stdout if len(line.split()) == 3]
    for number, offset, length in told[-5:]:
        page = evidence.read(tmp_path, Place(FILE, int(offset), int(length)))
        assert page.body == number.encode() * 999
    (mended,) = kept(tmp_path, b"after")
    assert mended.file == FILE
    assert len(list(evidence.pages(tmp_path / FILE))) >= 40 + len(told)


def test_members_are_counted_by_zlib_alone(tmp_path: Path) -> None:
    data = gzip.compress(b"a" * 100_000) + gzip.compress(zlib.compress(b"b"))
    lengths = [length for _, length in evidence.members(io.BytesIO(data))]
    assert sum(lengths) == len(data)
    assert len(lengths) == 2
