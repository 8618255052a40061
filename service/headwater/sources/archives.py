"""Unpacks a stranger's archive into memory.

Nothing that an archive says of itself is believed: names are checked, links and devices are refused, and what comes out
is counted while it comes, so that a bomb is noticed long before it has gone off.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import IO, Protocol, Self, cast

from headwater.errors import Problem, invalid
from headwater.sources.paths import path_fault, quoted
from headwater.sources.values import SourceLimits

FIELD = "source.archive"
CHUNK = 1 << 16
ZIP_START = (b"PK\x03\x04", b"PK\x05\x06")
ZIP_ENCRYPTED = 0x1
ZIP_ENTRY_BYTES = 46
"""Of an entry in a zip archive's directory, without its name."""
ZIP_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2})
"""LZMA inside of a zip archive may ask for gigabytes before the first byte."""
TAR_EXTENDED = frozenset(
    {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
)
FAULTS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    LookupError,
    NotImplementedError,
    RecursionError,
    MemoryError,
)
"""What the standard library's readers raise on bytes that are no archive, or one that was damaged on purpose."""


def unpack(archive: bytes, limits: SourceLimits) -> Mapping[str, bytes]:
    """Returns the archive's files by path; the kind is told by its content. Archives inside of it stay as they are.

    Raises Problem INVALID_ARGUMENT: `ARCHIVE_TOO_LARGE`, `ARCHIVE_UNSAFE` (names the member), `ARCHIVE_ENCRYPTED`,
    `ARCHIVE_CORRUPT` (also for what is no archive).
    """
    if len(archive) > limits.total_bytes:
        raise _too_large(f"has {len(archive)} bytes; the limit is {limits.total_bytes}")
    members = _Members(archive, limits)
    try:
        if archive.startswith(ZIP_START):
            _read_zip(archive, members)
        else:
            _read_tar(archive, members)
    except FAULTS as error:
        raise _corrupt(str(error) or type(error).__name__) from None
    return members.files


class Readable(Protocol):
    """Whatever bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Returns at most `size` bytes; none at the end."""
        ...


class _Members:
    """Collects members, and keeps count."""

    def __init__(self, archive: bytes, limits: SourceLimits) -> None:
        self.files: dict[str, bytes] = {}
        self.limits = limits
        self._packed = len(archive)
        self._room = min(limits.total_bytes, max(limits.archive_free_bytes, limits.archive_ratio * len(archive)))
        self._taken = 0
        self._folders = 0
        self._headers = 0

    def folder(self, name: str) -> None:
        """Checks a folder's name; folders are made for the files in them, not for themselves."""
        self._folders += 1
        if self._folders > self.limits.files:
            raise _too_large(f"holds more than {self.limits.files} folders")
        path = name.removesuffix("/")
        if path != ".":
            self._checked(path)

    def file(self, name: str, declared: int, chunks: Iterator[bytes]) -> None:
        """Reads a file that declares a size, whatever its real one is."""
        path = self._checked(name)
        if path in self.files:
            raise _unsafe(name, "is there twice")
        if len(self.files) >= self.limits.files:
            raise _too_large(f"holds more than {self.limits.files} files")
        self._fit(declared)
        data = bytearray()
        for chunk in chunks:
            self._fit(len(chunk))
            self._taken += len(chunk)
            data += chunk
        self.files[path] = bytes(data)

    def header(self, size: int) -> None:
        """Counts an extended header of a tar archive, before it is read."""
        self._headers += size
        if size > self.limits.archive_header_bytes or self._headers > self.limits.archive_headers_bytes:
            raise _too_large(f"holds {self._headers} bytes of extended headers, and {size} in one of them")

    def _checked(self, name: str) -> str:
        path = name.removeprefix("./")
        fault = path_fault(path, self.limits)
        if fault:
            raise _unsafe(name, fault)
        return path

    def _fit(self, size: int) -> None:
        if self._taken + size > self._room:
            raise _too_large(f"unpacks from {self._packed} bytes to more than {self._room}")


def _read_zip(archive: bytes, members: _Members) -> None:
    limits = members.limits
    directory = _BoundedBytes(archive, limits.files * (ZIP_ENTRY_BYTES + limits.path_bytes))
    with zipfile.ZipFile(directory) as reader:
        for info in reader.infolist():
            if _zip_kind(info) == stat.S_IFDIR:
                members.folder(info.filename)
            else:
                with reader.open(info) as stream:
                    members.file(info.filename, info.file_size, _chunks(stream))


def _zip_kind(info: zipfile.ZipInfo) -> int:
    kind = stat.S_IFMT(info.external_attr >> 16) or stat.S_IFREG
    if kind not in {stat.S_IFREG, stat.S_IFDIR}:
        raise _unsafe(info.filename, "is a link or a device")
    if "\0" in info.orig_filename:
        raise _unsafe(info.orig_filename, "holds a NUL character")
    if info.flag_bits & ZIP_ENCRYPTED:
        raise invalid(
            "ARCHIVE_ENCRYPTED",
            FIELD,
            f"The member {quoted(info.filename)} is encrypted.",
            "Send it without a password.",
        )
    if info.compress_type not in ZIP_METHODS:
        raise _corrupt(f"{quoted(info.filename)} is packed with method {info.compress_type}, which is not read here")
    return stat.S_IFDIR if info.is_dir() else kind


class _BoundedBytes(io.BytesIO):
    """An archive whose directory, which is read in one piece, must not be larger than the allowed names need."""

    def __init__(self, data: bytes, bound: int) -> None:
        super().__init__(data)
        self._bound = bound

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self._bound + CHUNK:
            raise _too_large("holds more names than it may")
        return super().read(size)


def _read_tar(archive: bytes, members: _Members) -> None:
    stream = _CountedStream(_decompressed(archive), members.limits)
    # Read as a stream: nothing seeks back, and what is skipped was counted as well.
    with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|", tarinfo=_strict(members)) as reader:
        while (member := reader.next()) is not None:
            if member.isdir():
                members.folder(member.name)
            elif not member.isreg() or member.issparse():
                raise _unsafe(member.name, "is a link, a device or a sparse file")
            else:
                content = reader.extractfile(member)
                assert content is not None  # of a regular file it never is
                members.file(member.name, member.size, _chunks(content))
            # Kept, members would pile up, and each would get a copy of all global headers before it.
            cast("list[tarfile.TarInfo]", vars(reader)["members"]).clear()
            cast("dict[str, str]", reader.pax_headers).clear()
    for _ in _chunks(stream):
        pass  # the checksum stands at the end


def _decompressed(archive: bytes) -> Readable:
    stream = io.BytesIO(archive)
    if archive.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=stream)
    if archive.startswith(b"BZh"):
        return bz2.BZ2File(stream)
    if archive.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMAFile(stream)
    return stream


class _CountedStream:
    """The bytes of a tar archive, headers and all."""

    def __init__(self, stream: Readable, limits: SourceLimits) -> None:
        per_member = 4 * tarfile.BLOCKSIZE  # two headers, and two paddings
        around = 2 * limits.files * per_member + tarfile.RECORDSIZE  # for files and folders
        self._left = limits.total_bytes + limits.archive_headers_bytes + around
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        """Returns the next bytes."""
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _too_large("unpacks to more bytes than its files may have")
        return data


def _strict(members: _Members) -> type[tarfile.TarInfo]:
    """Returns a reader of headers that takes a damaged one for damage, not for the end of the archive."""

    class Header(tarfile.TarInfo):
        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            is_end = len(buf) == tarfile.BLOCKSIZE and not any(buf)
            try:
                header = super().frombuf(buf, encoding, errors)
            except tarfile.HeaderError as error:
                if is_end:
                    raise
                raise tarfile.ReadError(str(error)) from None
            if header.size < 0:
                raise tarfile.ReadError("a member has a negative size")
            if header.type in TAR_EXTENDED:
                members.header(header.size)
            return header

    return Header


def _chunks(stream: Readable) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _too_large(fault: str) -> Problem:
    return invalid(
        "ARCHIVE_TOO_LARGE", FIELD, f"The archive {fault}.", "Send only the files that the code under test needs."
    )


def _unsafe(name: str, fault: str) -> Problem:
    shown = quoted(name)
    return invalid(
        "ARCHIVE_UNSAFE",
        FIELD,
        f"The member {shown} {fault}.",
        "Leave it out of the archive.",
        member=shown,
        fault=fault,
    )


def _corrupt(fault: str) -> Problem:
    return invalid(
        "ARCHIVE_CORRUPT",
        FIELD,
        f"The archive cannot be read: {fault}.",
        "Send a whole zip or tar archive; a tar archive may be packed by gzip, bzip2 or xz.",
    )
