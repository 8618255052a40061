"""Reads a form with files, as browsers and `curl -F` send it (RFC 7578), into a request.

A part without a file is a parameter, as in a query: `-F target_coverage=80`. A part with one fills the field that it
names: bytes, or a list of messages that have a content and a name, such as `-F reports=@coverage.xml`.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from python_multipart import FormParser, create_form_parser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_options_header

from headwater.errors import Violation, invalid
from headwater.gateway.decode import fill_strings, find

MEDIA_TYPE = "multipart/form-data"
_TAIL = 1 << 10
"""How near to the end of the body the last boundary stands; text after it is not read."""
_NAMES = ("name", "path")
"""Which field of a message takes the file's name: the first that it has."""


def fill_form(message: Message, body: bytes, content_type: str) -> list[Violation]:
    """Sets the fields of a message from a form, and returns what was unusable. Raises Problem for a broken form."""
    pairs: list[tuple[str, str]] = []
    files: list[tuple[str, str, bytes]] = []

    def on_field(field: Field) -> None:
        pairs.append((_text(field.field_name), _text(field.value)))

    def on_file(file: File) -> None:
        stream = file.file_object
        stream.seek(0)
        files.append((_text(file.field_name), _text(file.file_name), stream.read()))

    try:
        parser: FormParser = create_form_parser(
            {"Content-Type": content_type.encode()}, on_field, on_file, config={"MAX_MEMORY_FILE_SIZE": len(body) + 1}
        )
        _check_end(body, content_type)
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        fault = f"The body is no form: {error}."
        raise invalid("BODY_NOT_FORM", "body", fault, "Send it whole, as curl -F does.") from None
    found = [fault for path, name, data in files if (fault := _place(message, path, name, data))]
    return [*found, *fill_strings(message, pairs)]


def _check_end(body: bytes, content_type: str) -> None:
    """Raises FormParserError for a form that breaks off, which the parser does not."""
    _, options = parse_options_header(content_type)
    if b"--" + options[b"boundary"] + b"--" not in body[-_TAIL:]:
        raise FormParserError("it has no end")


def _place(message: Message, path: str, name: str, data: bytes) -> Violation | None:
    """Puts a file into the field of that path; returns what is wrong with the path."""
    owner, field = find(message, path)
    if owner is None or field is None:
        return Violation(field=path, description="there is no such field")
    if field.type == FieldDescriptor.TYPE_BYTES and not field.is_repeated:
        setattr(owner, field.name, data)
        return None
    inner = field.message_type
    named = next((each for each in _NAMES if inner is not None and each in inner.fields_by_name), None)
    if inner is None or not field.is_repeated or named is None or "content" not in inner.fields_by_name:
        return Violation(field=path, description="takes no file")
    items: Any = getattr(owner, field.name)
    items.add(**{named: name, "content": data})
    return None


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "replace")
