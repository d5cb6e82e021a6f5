"""Pages as received, in gzipped WARC files: write, read back, verify, mend a torn end.

One file a source and day holds one gzip member a record (ISO 28500, annex D), so that a record is
read by its offset and length alone, a kill tears the last record at most, and any WARC tool reads
the file. Nothing here knows Scrapy or the store: a place goes out, and comes back to be read.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote, urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from data.errors import EvidenceError, StoreError
from data.model import utc

FULL = 64 * 2**20
"""Bytes after which a day's next file is begun."""
_BLOCK = 2**16
_NOT_ANY_MORE = {"transfer-encoding"}  # the pieces were joined before we saw the body
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Page:
    """One answer as received: its body still has the content encoding that ``headers`` tell."""

    url: str
    status: int
    headers: Headers
    body: bytes
    fetched_at: datetime
    asked: Headers = ()  # the headers of our request

    @cached_property
    def sha256(self) -> str:
        """The hash of the body as received, in hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: file under the captures folder, first byte, number of bytes."""

    file: str
    offset: int
    length: int


class Archive:
    """Appends the pages of one source; one process a file, and none waits for another."""

    def __init__(self, folder: Path, source: str, now: datetime, about: Mapping[str, str]) -> None:
        """Open a file of today's, mended; ``about`` says who wrote it. Raises StoreError."""
        self._folder, self._source = folder, source
        self._day, self._about = utc(now).strftime("%Y%m%d"), dict(about)
        self._made = WARCWriter(None, gzip=True)
        try:
            (folder / source).mkdir(parents=True, exist_ok=True, mode=0o700)
            self._name, self._file, self._end = self._open(1)
        except OSError as error:
            raise _unwritable(folder / source, error) from None

    def __enter__(self) -> Self:
        """Return the archive itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def add(self, page: Page) -> Place:
        """Append a page and the request that asked for it. Raises StoreError (disk full)."""
        response, request = self._records(page)
        first = _member(response)
        try:
            if self._end > FULL:
                self.close()
                self._name, self._file, self._end = self._open(1)
            place = Place(self._name, self._end, len(first))
            self._append(first + _member(request))
        except OSError as error:
            raise _unwritable(self._folder / self._name, error) from None
        return place

    def sync(self) -> None:
        """Return when what was added would outlive a power cut. Raises StoreError."""
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _unwritable(self._folder / self._name, error) from None

    def close(self) -> None:
        """Close the file and free it for others."""
        self._file.close()

    def _open(self, number: int) -> tuple[str, IO[bytes], int]:
        """Open the first file of today that is free, sound and not full."""
        name = f"{self._source}/{self._day}-{number:03}.warc.gz"
        file = (self._folder / name).open("ab+", buffering=0)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            sound = mend(file)
        except BlockingIOError:
            sound = False
        end = file.seek(0, os.SEEK_END)
        if not sound or end > FULL:
            file.close()
            return self._open(number + 1)
        os.fchmod(file.fileno(), 0o600)  # originals are unmasked: for their owner alone
        if end == 0:
            info = self._made.create_warcinfo_record(Path(name).name, self._about)
            end += file.write(_member(info))
        return name, file, end

    def _append(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._end += len(data)

    def _records(self, page: Page) -> tuple[ArcWarcRecord, ArcWarcRecord]:
        date = utc(page.fetched_at).strftime("%Y-%m-%dT%H:%M:%SZ")
        kept = [(n, v) for n, v in page.headers if n.lower() not in _NOT_ANY_MORE]
        answered = StatusAndHeaders(f"{page.status} ", kept, protocol="HTTP/1.1")
        response = self._made.create_warc_record(
            page.url, "response", payload=BytesIO(page.body), length=len(page.body),
            http_headers=answered,
            warc_headers_dict={"WARC-Date": date, "WARC-Payload-Digest": f"sha256:{page.sha256}"},
        )  # fmt: skip
        ours = response.rec_headers.get_header("WARC-Record-ID")
        line = f"GET {_path(page.url)} HTTP/1.1"
        asked = StatusAndHeaders(line, list(page.asked), is_http_request=True)
        request = self._made.create_warc_record(
            page.url, "request", payload=BytesIO(), length=0, http_headers=asked,
            warc_headers_dict={"WARC-Date": date, "WARC-Concurrent-To": ours},
        )  # fmt: skip
        return response, request


def record(folder: Path, place: Place) -> bytes:
    """Return the compressed record at a place. Raises EvidenceError (missing, unreadable)."""
    try:
        with (folder / place.file).open("rb") as file:
            file.seek(place.offset)
            return file.read(place.length)
    except OSError as error:
        raise EvidenceError(
            f"{folder / place.file}: the kept page cannot be read ({error.strerror}); "
            "restore the file from your backup"
        ) from None


def read(folder: Path, place: Place) -> Page:
    """Return the page at a place, as received. Raises EvidenceError (missing, unreadable)."""
    data = record(folder, place)
    try:
        return _page(next(iter(ArchiveIterator(BytesIO(data)))))
    except (StopIteration, ArchiveLoadFailed, zlib.error, EOFError, ValueError) as error:
        raise EvidenceError(
            f"{folder / place.file}, byte {place.offset}: no whole record stands there ({error}); "
            "restore the file from your backup"
        ) from None


def verify(folder: Path, place: Place, sha256: str) -> Page:
    """Return the page at a place if it is unaltered. Raises EvidenceError."""
    page = read(folder, place)
    if page.sha256 != sha256:
        raise EvidenceError(
            f"{folder / place.file}, byte {place.offset}: the page has the SHA-256 {page.sha256} "
            f"instead of {sha256}; it was altered after it was kept: restore it from your backup"
        )
    return page


def content(page: Page) -> bytes:
    """Return the body without its content encoding. Raises EvidenceError."""
    encoding = {n.lower(): v for n, v in page.headers}.get("content-encoding", "").lower()
    if encoding in {"", "identity"}:
        return page.body
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise EvidenceError(f"{page.url}: its content encoding {encoding!r} cannot be undone here")
    try:
        return zlib.decompress(page.body, wbits=47)
    except zlib.error as error:
        raise EvidenceError(f"{page.url}: it was received broken ({error})") from None


def pages(file: Path) -> Iterator[tuple[Place, Page]]:
    """Yield every page of a file, in order; a torn end is ignored. Raises EvidenceError."""
    with file.open("rb") as opened:
        for offset, length in members(opened):
            opened.seek(offset)
            found = next(iter(ArchiveIterator(BytesIO(opened.read(length)))))
            if found.rec_type == "response":
                yield Place(f"{file.parent.name}/{file.name}", offset, length), _page(found)


def mend(file: IO[bytes]) -> bool:
    """Cut a record that a kill tore off the end; tell whether the file is sound now.

    A record that is whole but broken in the middle is damage of another kind: nothing is cut.
    """
    end = 0
    try:
        for offset, length in members(file):
            end = offset + length
    except EvidenceError:
        return False
    file.truncate(end)
    return True


def members(file: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Yield offset and length of each whole gzip member. Raises EvidenceError (broken one)."""
    offset = 0
    while (length := _length(file, offset)) is not None:
        yield offset, length
        offset += length


def _length(file: IO[bytes], offset: int) -> int | None:
    """Return the length of the member at ``offset``; None when the file ends before it does."""
    reader = zlib.decompressobj(wbits=31)
    file.seek(offset)
    taken = 0
    while block := file.read(_BLOCK):
        taken += len(block)
        try:
            reader.decompress(block)
        except zlib.error as error:
            raise EvidenceError(f"byte {offset}: a broken record ({error})") from None
        if reader.eof:
            return taken - len(reader.unused_data)
    return None


def _page(found: ArcWarcRecord) -> Page:
    if found.rec_type != "response":
        raise ValueError(f"it is a record of type {found.rec_type}")
    return Page(
        url=found.rec_headers.get_header("WARC-Target-URI"),
        status=int(found.http_headers.get_statuscode()),
        headers=tuple(found.http_headers.headers),
        body=found.raw_stream.read(),
        fetched_at=datetime.fromisoformat(found.rec_headers.get_header("WARC-Date")),
    )


def _member(made: ArcWarcRecord) -> bytes:
    out = BytesIO()
    WARCWriter(out, gzip=True).write_record(made)
    return out.getvalue()


def _path(url: str) -> str:
    parts = urlsplit(url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return quote(target, safe="%/:?@!$&'()*+,;=~")


def _unwritable(place: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{place}: the page cannot be kept ({error.strerror}); free space or correct the "
        "permissions, or set retention.captures_days = 0 to keep none"
    )
