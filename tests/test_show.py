"""A run on a screen: the same facts on a terminal, in a pipe and in ASCII, and never a stranger's control code."""

import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from rich.console import Console

from headwater.show import Show, write_json
from headwater.v1 import generate_tests_pb2

STREAMS = Path(__file__).parent / "data" / "streams"
CART: list[dict[str, Any]] = [json.loads(line) for line in (STREAMS / "cart.jsonl").read_text("utf-8").splitlines()]
PLAIN = (STREAMS / "cart.txt").read_text("utf-8")


def message(shape: dict[str, Any]) -> generate_tests_pb2.GenerateTestsEvent:
    """Makes the event of its JSON shape."""
    head = {name: shape[name] for name in ("sequence", "run", "time")}
    payload = {name: value for name, value in shape.items() if name not in {*head, "type"}}
    return json_format.ParseDict({**head, shape["type"]: payload}, generate_tests_pb2.GenerateTestsEvent())


def shown(*events: Any, encoding: str = "utf-8", **options: Any) -> str:
    """Shows events on a console that writes in the encoding, and returns what it wrote."""
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding=encoding, newline="") as file:
        with Show(Console(file=file, **options)) as show:
            for each in events:
                show(each)
        file.flush()
        return raw.getvalue().decode(encoding)


def test_a_recorded_stream_reads_as_recorded() -> None:
    """The plain lines of the recorded stream are the recorded ones, for both shapes of events."""
    assert shown(*CART) == PLAIN
    assert shown(*map(message, CART)) == PLAIN


def test_plain_lines_are_whole_and_without_control_codes() -> None:
    """Where no terminal is, a line is not broken at any width, and holds printable characters only."""
    assert shown(*CART, width=10) == PLAIN
    assert all(line.isprintable() for line in PLAIN.splitlines())


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
def test_an_encoding_without_the_signs_gets_others(encoding: str) -> None:
    """Every sign has a form in ASCII, and strangers' text that does not fit is replaced, not refused."""
    text = shown(*CART, {"type": "warning", "reason": "X", "message": "日本"}, encoding=encoding)
    assert "ok test_total_of_an_empty_cart" in text or "√" in text
    assert "! ?? [X]" in text


def test_strangers_text_cannot_steer_the_terminal() -> None:
    """Escape codes, line breaks and markup in names and messages are shown as harmless text."""
    case = {"test_name": "test_\x1b[2J\nx", "symbol": "[red]f[/red]", "basis": "BASIS_CONTRACT"}
    text = shown({"type": "test", "test_case": case}, force_terminal=True, width=200)
    assert "\x1b[2J" not in text
    assert "test_ [2J x" in text
    assert "[red]f[/red]" in text


@pytest.mark.parametrize("width", [20, 59, 60, 200])
def test_a_terminal_shows_each_test_once_and_the_bar(width: int) -> None:
    """On a terminal of any width every test and the summary appear once, within the width, and the bar is cleared."""
    text = shown(*CART, force_terminal=True, width=width)
    bare = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "\r", text)
    pieces = [piece for line in bare.split("\n") for piece in line.split("\r")]
    assert max(map(len, pieces)) <= width
    assert "".join(bare.split()).replace("\r", "").count("3tests,3dropped") == 1
    assert "90%" in text
    assert text.rindex("\x1b[?25h") > text.rindex("90%")


def test_a_failure_names_message_remedy_and_reason() -> None:
    """The terminal `error` and a refused call read alike."""
    error = {"type": "error", "reason": "PROVIDER_DOWN", "message": "No answer.", "remedy": "Wait.", "retryable": True}
    assert shown(error) == "✗ No answer.\n  Wait.\n  PROVIDER_DOWN\n"
    file = io.StringIO()
    Show(Console(file=file)).refusal("Bad.", "Fix it.", "FIELD_INVALID", [("source.path", "is absolute")])
    assert file.getvalue() == "✗ Bad.\n  source.path: is absolute\n  Fix it.\n  FIELD_INVALID\n"


def test_a_cancelled_run_names_who_cancelled_it() -> None:
    """The terminal `cancelled` says by whom, and why if it is known."""
    assert shown({"type": "cancelled", "origin": "deadline"}) == "✗ Cancelled by deadline\n"
    assert shown({"type": "cancelled", "origin": "client", "message": "Enough."}).endswith("by client: Enough.\n")


def test_the_stage_that_is_done_is_left_to_the_last_event() -> None:
    """Before an error it would read as success, and before the summary it says nothing new."""
    done = {"type": "stage", "stage": "done", "percent": 100.0, "message": "0 tests, 100 % combined coverage"}
    error = {"type": "error", "reason": "NO_TESTS", "message": "No test could be written."}
    assert shown(done, error) == "✗ No test could be written.\n  NO_TESTS\n"
    assert "100" not in shown(done, error, force_terminal=True)


@pytest.mark.parametrize(
    ("named", "line"), [(None, "2 tests in test_x.py"), ("mine.py", "2 tests in mine.py"), ("", "2 tests")]
)
def test_the_summary_names_the_file_as_it_was_written(named: str | None, line: str) -> None:
    """The run's name for the test file gives way to the one that it was written to."""
    file = io.StringIO()
    with Show(Console(file=file), named=named) as show:
        show({"type": "complete", "success": True, "total": 2, "test_file_name": "test_x.py"})
    assert file.getvalue().splitlines()[1] == f"✓ {line}"


def test_long_lists_are_cut_and_counted() -> None:
    """What is dropped or missing beyond the bound is counted."""
    dropped = [{"test_name": f"test_{n}", "verdict": "VERDICT_FAILED", "reason": "Fails."} for n in range(5)]
    estimate = {"missing_lines": [1, 3, 5, 7], "formula": "coverage.py"}
    file = io.StringIO()
    with Show(Console(file=file), most_listed=2) as show:
        show({"type": "complete", "test_file_name": "t.py", "dropped": dropped, "coverage_estimate": estimate})
    assert "Dropped, failed: 5\n  test_0: Fails.\n  test_1: Fails.\n  and 3 more\n" in file.getvalue()
    assert "Not covered: lines 1, 3 and 2 more\n" in file.getvalue()


def test_suspected_bugs_are_shown_apart_with_their_tests() -> None:
    """They tell about the code and not about the tests: they come before what was dropped, and are counted apart."""
    bug = {"test_name": "mean", "verdict": "VERDICT_SUSPECTED_BUG", "reason": "It divides.", "test_code": "mean([])\n"}
    useless = {"test_name": "test_mean", "verdict": "VERDICT_USELESS", "reason": "It repeats."}
    told = shown({"type": "complete", "success": True, "total": 2, "dropped": [bug, useless]})
    assert "2 tests, 1 dropped\n" in told
    assert "Suspected bugs: 1, not in the file\n  mean: It divides.\n    mean([])\nDropped, useless: 1\n" in told


def test_a_bare_event_of_every_kind_is_shown() -> None:
    """No field is needed: proto3 leaves out what is zero, and an unknown kind is passed over."""
    cases = generate_tests_pb2.GenerateTestsEvent.DESCRIPTOR.oneofs_by_name["event"].fields
    for field in cases:
        made = generate_tests_pb2.GenerateTestsEvent()
        getattr(made, field.name).SetInParent()
        silent = field.name in {"chunk", "draft", "progress"}
        assert (shown(made) == "") == silent
        shown(made, force_terminal=True)
    assert shown(generate_tests_pb2.GenerateTestsEvent(), {"type": "newer"}) == ""


def test_json_is_one_line_for_each_event() -> None:
    """`write_json` writes what the encoder says, a line each, flushed at once."""
    out = io.BytesIO()
    for each in CART[:2]:
        write_json(each, lambda event: json.dumps(event).encode(), out)
    assert [json.loads(line) for line in out.getvalue().splitlines()] == CART[:2]


PROGRAM = """
import json, sys
from rich.console import Console
from headwater.show import Show
with Show(Console()) as show:
    for line in open(sys.argv[1], encoding="utf-8"):
        show(json.loads(line))
"""


def run_on_terminal(**environment: str) -> str:
    """Runs the program on a pseudo-terminal and returns what arrives there."""
    ours, theirs = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    arguments = [sys.executable, "-c", PROGRAM, str(STREAMS / "cart.jsonl")]
    settings = {**inherited, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **environment}
    with subprocess.Popen(arguments, stdout=theirs, env=settings) as program:
        os.close(theirs)
        read = b""
        try:
            while data := os.read(ours, 65536):
                read += data
        except OSError:  # Linux says EIO when the other side is closed
            pass
        finally:
            os.close(ours)
    assert program.returncode == 0
    return read.decode()


COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7]m")


def test_a_real_terminal_gets_colours_unless_it_wants_none() -> None:
    """Colours are written to a terminal; with NO_COLOR none are, and a dumb one gets plain lines."""
    assert COLOUR.search(run_on_terminal())
    assert not COLOUR.search(run_on_terminal(NO_COLOR="1"))
    assert "\x1b" not in run_on_terminal(TERM="dumb")
