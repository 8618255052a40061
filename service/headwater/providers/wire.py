"""Cuts the bytes of a vendor's stream into events, however the network split or merged them."""

from __future__ import annotations

BOM = b"\xef\xbb\xbf"


class Lines:
    """Newline-delimited JSON (NDJSON): one event per line, empty lines ignored."""

    __slots__ = ("_limit", "_parts", "_size")

    def __init__(self, limit: int) -> None:
        """`limit` is the largest line, in bytes."""
        self._parts: list[bytes] = []
        self._size = 0
        self._limit = limit

    def feed(self, data: bytes) -> list[bytes]:
        """Returns the events that these bytes complete. Raises ValueError for a line over the limit."""
        return [line for line in self.lines(data) if line and not line.isspace()]

    def end(self) -> list[bytes]:
        """Returns the event that the end of the stream completes."""
        return self.feed(b"\n")

    def lines(self, data: bytes) -> list[bytes]:
        """Returns the lines that these bytes complete, without their ends."""
        cut = data.rfind(b"\n")
        if cut < 0:
            self._keep(data)
            return []
        # Parts are joined once per line, so that a long line in many small reads costs no quadratic time.
        self._parts.append(data[:cut])
        whole = b"".join(self._parts) if len(self._parts) > 1 else self._parts[0]
        self._parts, self._size = [], 0
        if cut + 1 < len(data):
            self._keep(data[cut + 1 :])
        lines = [line.removesuffix(b"\r") for line in whole.split(b"\n")]
        if len(whole) > self._limit and max(map(len, lines)) > self._limit:
            raise self._too_long()
        return lines

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limit:
            raise self._too_long()
        self._parts.append(data)

    def _too_long(self) -> ValueError:
        return ValueError(f"a line is longer than {self._limit} bytes")


class Events:
    """Server-sent events (WHATWG HTML, 9.2): the `data` of each; comments and other fields are passed over."""

    __slots__ = ("_data", "_limit", "_lines", "_size", "_started")

    def __init__(self, limit: int) -> None:
        """`limit` is the largest event, in bytes."""
        self._lines = Lines(limit)
        self._data: list[bytes] = []
        self._size = 0
        self._limit = limit
        self._started = False

    def feed(self, data: bytes) -> list[bytes]:
        """Returns the events that these bytes complete. Raises ValueError for an event over the limit."""
        found: list[bytes] = []
        for line in self._lines.lines(data):
            if line.startswith(b"data:"):
                self._add(line[6:] if line[5:6] == b" " else line[5:])
            elif not line and self._data:
                found.append(b"\n".join(self._data) if len(self._data) > 1 else self._data[0])
                self._data, self._size = [], 0
            elif not self._started and line.startswith(BOM + b"data:"):
                self._add(line[len(BOM) + 5 :].lstrip())
            self._started = True
        return found

    def end(self) -> list[bytes]:
        """Returns the event that the end of the stream completes: some servers leave out the last empty line."""
        return self.feed(b"\n\n")

    def _add(self, value: bytes) -> None:
        self._size += len(value)
        if self._size > self._limit:
            raise ValueError(f"an event is longer than {self._limit} bytes")
        self._data.append(value)
