"""The log is one JSON object a line, whoever writes it, and holds neither secrets nor the user's source."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from google.protobuf.wrappers_pb2 import StringValue

from headwater.errors import Code, Problem
from headwater.logs import configure, of_run

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"

MASKED = [
    "authorization",
    "Authorization",
    "x-api-key",
    "apiKey",
    "api_key",
    "key",
    "token",
    "id_token",
    "password",
    "jwt_secret",
    "cookie",
    "credentials",
    "source",
    "content",
    "source_content",
    "payload",
    "prompt",
    "body",
    "request",
    "response",
    "stdout",
    "draft",
]


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    configure("info", json=True, stream=stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_what_when_and_how_serious(stream: io.StringIO) -> None:
    """Event, level, UTC time in ISO form, and the fields as they are."""
    structlog.get_logger().info("run ended", seconds=1.5, events=17, ok=True, reason=None)
    (line,) = lines(stream)
    written = datetime.fromisoformat(line.pop("timestamp"))
    assert written.tzinfo == UTC
    assert line == {
        "event": "run ended",
        "level": "info",
        "seconds": 1.5,
        "events": 17,
        "ok": True,
        "reason": None,
    }


def test_libraries_write_the_same_lines(stream: io.StringIO) -> None:
    """The standard library's logging, and servers that had handlers of their own, end up in the one stream."""
    access = logging.getLogger("uvicorn.access")
    access.addHandler(logging.NullHandler())
    access.propagate = False
    configure("info", json=True, stream=stream)
    access.info('%s - "%s" %d', "127.0.0.1", "GET /v1/runs?alt=sse&token=topsecret HTTP/1.1", 200)
    logging.getLogger("grpc").warning("keepalive", extra={"peer": "ipv4:1.2.3.4", "api_key": "topsecret"})
    first, second = lines(stream)
    assert first["event"] == '127.0.0.1 - "GET /v1/runs?alt=sse&token=*** HTTP/1.1" 200'
    assert (second["level"], second["peer"], second["api_key"]) == ("warning", "ipv4:1.2.3.4", "***")


def test_the_run_is_on_every_line_inside(stream: io.StringIO) -> None:
    """Ours and the libraries', and gone afterwards."""
    with of_run("r-1", method="GenerateTests"):
        structlog.get_logger().info("ours")
        logging.getLogger("some.library").warning("theirs")
    structlog.get_logger().info("outside")
    ours, theirs, outside = lines(stream)
    assert (ours["run"], ours["method"]) == (theirs["run"], theirs["method"]) == ("r-1", "GenerateTests")
    assert "run" not in outside


def test_the_level_holds_for_all(stream: io.StringIO) -> None:
    """What is below it is not written, by whomever; a second call replaces the first."""
    log = structlog.get_logger()
    log.debug("no")
    logging.getLogger("grpc").debug("no")
    configure("debug", json=True, stream=stream)
    log.debug("yes")
    logging.getLogger("httpx").info("HTTP Request: POST https://vendor.test")
    assert [line["event"] for line in lines(stream)] == ["yes"]


@pytest.mark.parametrize("level", ["loud", "", "notset"])
def test_an_unknown_level_is_refused(level: str) -> None:
    """With the ones that there are."""
    with pytest.raises(Problem) as caught:
        configure(level)
    assert (caught.value.code, caught.value.reason) == (Code.INVALID_ARGUMENT, "LOG_LEVEL_UNKNOWN")
    assert "warning" in caught.value.remedy


def test_a_terminal_gets_lines_for_a_person() -> None:
    """Unless JSON is asked for; a file gets JSON unless it is not wanted."""
    terminal, file = Terminal(), io.StringIO()
    configure(stream=terminal)
    structlog.get_logger().info("ready", port=8080, api_key="topsecret")
    assert not terminal.getvalue().startswith("{")
    assert "ready" in terminal.getvalue()
    assert "topsecret" not in terminal.getvalue()
    try:
        int("?token=topsecret")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "ValueError: invalid literal for int() with base 10: '?token=***'\n  " in terminal.getvalue()
    configure(stream=file)
    structlog.get_logger().info("ready")
    assert lines(file)[0]["event"] == "ready"


@pytest.mark.parametrize("name", MASKED)
def test_fields_named_like_a_secret_or_source_are_masked(stream: io.StringIO, name: str) -> None:
    """At the top and at any depth."""
    structlog.get_logger().info("event", **{name: "topsecret"}, nested={"list": [{name: "topsecret"}]})
    (line,) = lines(stream)
    assert line[name] == "***"
    assert line["nested"] == {"list": [{name: "***"}]}


def test_what_only_measures_a_secret_is_not_masked(stream: io.StringIO) -> None:
    """Counts, sizes, names and paths are what logs are for."""
    fields = {"tokens": 12, "source_bytes": 4, "source_path": "a.py", "key_name": "alice", "monkey": "yes", "code": 5}
    structlog.get_logger().info("event", **fields)
    (line,) = lines(stream)
    assert {name: line[name] for name in fields} == fields


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("GET /x?token=abc.def&y=1", "GET /x?token=***&y=1"),
        ("GET /x?access_token=abc", "GET /x?access_token=***"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("postgresql://me:pw@db.test/x failed", "postgresql://***@db.test/x failed"),
        (f"refused {JWT}", "refused ***"),
        ("Incorrect API key provided: sk-proj-abcdefgh1234", "Incorrect API key provided: ***"),
        ("a\x1b[31mred\r", "a\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}"),
        ("two\nlines", "two\nlines"),
        ("broken \udce4", "broken \udce4"),
    ],
)
def test_secrets_are_cut_out_of_texts(stream: io.StringIO, text: str, written: str) -> None:
    """In the event, in a field, and in what an exception says."""
    structlog.get_logger().warning(text, reason=text, error=ValueError(text))
    (line,) = lines(stream)
    assert line["event"] == line["reason"] == written
    assert line["error"] == f"ValueError: {written}"


def test_objects_are_named_not_printed(stream: io.StringIO) -> None:
    """A message of the wire would print the source in it; bytes would be one."""
    structlog.get_logger().info(
        "event",
        item=StringValue(value="def f"),
        blob=b"def f",
        path=Path("/tmp/x"),
        code=Code.ABORTED,
        ratio=float("inf"),
        many={1},
    )
    (line,) = lines(stream)
    assert "def f" not in stream.getvalue()
    expected = {"item": "<StringValue>", "blob": "<5 bytes>", "path": "/tmp/x", "code": "ABORTED", "ratio": "inf"}
    assert {name: line[name] for name in expected} == expected
    assert line["many"] == [1]


def test_no_handler_gets_to_see_a_secret(stream: io.StringIO, caplog: pytest.LogCaptureFixture) -> None:
    """What is masked is masked before the log leaves the module that writes it."""
    structlog.get_logger().warning("refused ?token=topsecret", api_key="topsecret")
    assert lines(stream)[0]["api_key"] == "***"
    assert len(caplog.records) == 1
    assert "topsecret" not in caplog.text


def test_long_texts_and_deep_values_are_cut(stream: io.StringIO) -> None:
    """A log line stays a log line."""
    deep: Any = {}
    deep["deeper"] = deep
    structlog.get_logger().info("event", note="x" * 5000, deep=deep)
    (line,) = lines(stream)
    assert line["note"].endswith("… (5000 characters)")
    assert len(json.dumps(line)) < 3000


@pytest.mark.parametrize("logger", [structlog.get_logger(), logging.getLogger("some.library")])
def test_an_exception_is_told_without_code(stream: io.StringIO, logger: Any) -> None:
    """Types, messages and places of the whole chain; neither the lines of code nor those of the user's file."""
    try:
        try:
            compile("password = 'topsecret' +", "users.py", "exec")
        except SyntaxError as error:
            raise RuntimeError("could not parse ?token=topsecret") from error
    except RuntimeError:
        logger.exception("failed")
    (line,) = lines(stream)
    assert "topsecret" not in stream.getvalue()
    assert [each["type"] for each in line["exception"]] == ["RuntimeError", "SyntaxError"]
    assert line["exception"][0]["message"] == "could not parse ?token=***"
    (frame,) = line["exception"][0]["frames"]
    assert frame.startswith(__file__)
    assert frame.endswith("test_an_exception_is_told_without_code")
