"""Streams the entries of a JSON report, so that memory is bounded by the largest of them.

The standard library's decoder parses one value at a place of a text and says where it ends; that is all that a stream
of entries needs, and it is half as fast again as a parser that makes an event of every bracket.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NoReturn, cast

from headwater.coverage.reports import Report, malformed

Path = tuple[str, ...]
"""Keys from the top of the document; an element of a list has the key `ELEMENT`."""
ELEMENT: Final = "*"
"""No file has this name."""
Descend = Callable[[Path], bool]
"""Whether the object or list at a path is walked, entry by entry; any other value comes whole."""

_CHUNK: Final = 1 << 20
_NEAR_END: Final = 16
"""An error so near to the end of what was read may be a number, word or escape that was cut in two."""
_BLANK: Final = re.compile(r"[ \t\r\n]*")


class Document:
    """A JSON report that is read once, from its start."""

    def __init__(self, report: Report, chunk_bytes: int = _CHUNK) -> None:
        self.report: Final = report
        self._chunk_bytes: Final = chunk_bytes
        self._stream = report.open()
        # What is no UTF-8 can only stand in names, where it is replaced later.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._scan = json.JSONDecoder(parse_constant=_refuse_constant).raw_decode
        self._text = ""
        self._at = 0
        self._before = 0
        self._ended = False
        self._entry = 0
        self.top = ""
        """The sign that the document begins with."""
        self.walked: Final = set[Path]()
        """The objects and lists that were met and walked, empty ones too."""

    @property
    def place(self) -> str:
        """Where the latest entry begins."""
        return self._place(self._entry)

    def entries(self, descend: Descend) -> Iterator[tuple[Path, Any]]:
        """Yields each value that is not walked, with its path, in the document's order."""
        try:
            if self._look() == "\ufeff":
                self._at += 1
            self.top = self._look()
            yield from self._walk((), descend)
            if self._look():
                self._refuse(self._at, "something follows after the end of the JSON document")
        finally:
            self._stream.close()

    def _walk(self, path: Path, descend: Descend) -> Iterator[tuple[Path, Any]]:
        start = self._look()
        if start not in ("{", "[") or not descend(path):
            self._entry = self._at
            yield path, self._value()
            return
        self.walked.add(path)
        self._at += 1
        closing = "}" if start == "{" else "]"
        if self._look() == closing:
            self._at += 1
            return
        while True:
            yield from self._walk((*path, self._key() if start == "{" else ELEMENT), descend)
            sign = self._look()
            if sign not in (",", closing):
                self._refuse(self._at, f"',' or '{closing}' was due")
            self._at += 1
            if sign == closing:
                return

    def _key(self) -> str:
        if self._look() != '"':
            self._refuse(self._at, "a name in double quotes was due")
        key = self._value()
        if self._look() != ":":
            self._refuse(self._at, "':' was due")
        self._at += 1
        return cast("str", key)

    def _look(self) -> str:
        """Returns the next sign that is not blank, without taking it; nothing at the end."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            assert blank is not None
            self._at = blank.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _value(self) -> Any:
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated string") or len(self._text) - error.pos <= _NEAR_END
                if not (cut and self._more()):
                    self._refuse(error.pos, _explain(error, self._text))
            except RecursionError:
                self._refuse(self._at, "it is nested too deep to be a coverage report")
            except ValueError as error:
                self._refuse(self._at, f"a number is none: {error}")
            else:
                # A number that ends where the text does, such as `1` of `1.5`, may go on.
                open_ended = isinstance(value, int | float) and len(self._text) - end <= _NEAR_END
                if not (open_ended and self._more()):
                    self._at = end
                    return value

    def _more(self) -> bool:
        """Reads on: as much again as is held, so that an entry of any size is parsed a few times only."""
        if self._ended:
            return False
        data = self._stream.read(max(self._chunk_bytes, len(self._text) - self._at))
        self._ended = not data
        if self._at:
            self._before += _size(self._text[: self._at])
            self._entry -= self._at
            self._text, self._at = self._text[self._at :], 0
        self._text += self._decoder.decode(data, final=self._ended)
        return True

    def _place(self, at: int) -> str:
        return f"byte {max(0, self._before + _size(self._text[:at]) if at >= 0 else self._before)}"

    def _refuse(self, at: int, expected: str) -> NoReturn:
        raise malformed(self.report, self._place(at), expected)

    def mapping(self, value: Any, what: str) -> dict[str, Any]:
        """Takes a value for an object; raises Problem for any other."""
        if not isinstance(value, dict):
            raise self.wrong(value, what, "an object")
        return cast("dict[str, Any]", value)

    def sequence(self, value: Any, what: str) -> list[Any]:
        """Takes a value for a list; raises Problem for any other."""
        if not isinstance(value, list):
            raise self.wrong(value, what, "a list")
        return cast("list[Any]", value)

    def integers(self, value: Any, what: str) -> list[int]:
        """Takes a value for a list of whole numbers; raises Problem for any other."""
        numbers = self.sequence(value, what)
        if numbers and set(map(type, numbers)) != {int}:
            raise self.wrong(next(each for each in numbers if type(each) is not int), what, "a list of whole numbers")
        return numbers

    def integer(self, value: Any, what: str) -> int:
        """Takes a value for a whole number; raises Problem for any other."""
        if type(value) is not int:
            raise self.wrong(value, what, "a whole number")
        return value

    def wrong(self, value: Any, what: str, due: str) -> Exception:
        """Refuses the latest entry for a value in it."""
        return malformed(self.report, self.place, f"{what} is {json.dumps(value)[:40]}, and {due} was due")


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is no JSON"
    raise ValueError(message)


def _explain(error: json.JSONDecodeError, text: str) -> str:
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return "the JSON ends in the middle"
    return f"it is no JSON: {error.msg}"


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape")) if not text.isascii() else len(text)
