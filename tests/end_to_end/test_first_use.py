"""What a first-time user meets at the command line: what is wrong is said in a line, how it ended in the exit code."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import PIPE
from typing import Any

import psutil
import pytest

from .certificates import Authority
from .conftest import Start
from .faces import generate
from .server import SECONDS, Server, clean_environment, command_line
from .sources import BRIEF, SMALL, STEPS, request

ROOT = Path(__file__).parents[2]
NOTHING_TO_CALL = "LIMIT = 3\n"

REFUSED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "a folder": ((".",), "OUT_NEEDED"),
    "no such file": (("missing.py",), "SOURCE_NOT_FOUND"),
    "a binary file": (("binary.py",), "SOURCE_NOT_TEXT"),
    "another language": (("page.js",), "LANGUAGE_NEEDS_MODEL"),
    "line 0": (("small.py", "--lines", "0"), "RANGE_INVALID"),
    "lines backwards": (("small.py", "--lines", "5-2"), "RANGE_INVALID"),
    "a model where there is none": (("small.py", "--model", "x"), "MODEL_UNUSED"),
    "no key": (("small.py", "--provider", "openai"), "VENDOR_KEY_MISSING"),
    "a budget beyond the setting": (("small.py", "--budget", "9"), "OUT_OF_BOUNDS"),
    "a full disk": (("small.py", "--budget", "6", "--executions", "500", "--out", "/dev/full"), "OUT_UNUSABLE"),
    "a root for code on stdin": (("-", "--root", "."), "ARGUMENT_INVALID"),
    "a token that no header holds": (("small.py", "--server", "localhost:1", "--token", "a\nb"), "ARGUMENT_INVALID"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what a user might name."""
    (tmp_path / "small.py").write_text(SMALL)
    (tmp_path / "constant.py").write_text(NOTHING_TO_CALL)
    (tmp_path / "steps.py").write_text(STEPS)
    (tmp_path / "binary.py").write_bytes(b"\x7fELF\0\1\2\xff")
    (tmp_path / "page.js").write_text("function page() {}\n")
    return tmp_path


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_asked_is_one_line_and_exit_code_2(case: str, folder: Path) -> None:
    """The line ends with the stable reason; nothing is on stdout."""
    arguments, reason = REFUSED[case]
    done = command_line(folder, "tests", *arguments, environment={"HEADWATER_MAX_BUDGET_SECONDS": "8"})
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    *shown, line = done.stderr.strip().splitlines()
    assert line.startswith("headwater: ")
    assert line.endswith(f"[{reason}]")
    assert (shown == []) == (case != "a full disk"), "only what fails after the run follows other lines"


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("missing.py",), 2, "SOURCE_NOT_FOUND"),
        (("small.py", "--symbol", "nothing"), 2, "TARGET_UNKNOWN"),
        (("small.py", "--server", "127.0.0.1:1"), 1, "UNAVAILABLE"),
    ],
)
def test_json_ends_with_an_error_where_no_run_began(
    arguments: tuple[str, ...], code: int, reason: str, folder: Path
) -> None:
    """The only line on stdout is an `error` event; its sequence of 0 says that no journal holds it."""
    done = command_line(folder, "tests", *arguments, "--json")
    assert done.returncode == code
    (event,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (event["type"], event["sequence"], event["reason"]) == ("error", 0, reason)
    assert event["remedy"]


def test_a_run_without_tests_does_not_read_as_success(folder: Path) -> None:
    """The last line that the person sees is the reason; no line says done, and the exit code is 1."""
    done = command_line(folder, "tests", "constant.py", *BRIEF, "--out", "test_constant.py")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip().endswith("NO_TESTS")
    assert "100%" not in done.stderr
    assert not (folder / "test_constant.py").exists()


@pytest.mark.parametrize("where", ["here", "on a server"])
def test_code_may_come_on_stdin(where: str, shared: Server, folder: Path) -> None:
    """`headwater tests -` writes tests of what it reads."""
    server = ["--server", shared.grpc] if where == "on a server" else []
    done = subprocess.run(
        [sys.executable, "-m", "headwater", "tests", "-", *BRIEF, *server],
        input=SMALL,
        cwd=folder,
        env=clean_environment(folder.with_name(f"{folder.name}-home")),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "def test_" in done.stdout


def test_the_summary_names_the_file_that_was_written(folder: Path) -> None:
    """With --out it is that file; on stdout it is none."""
    done = command_line(folder, "tests", "small.py", *BRIEF, "--out", "mine.py")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^✓ \d+ tests?.* in mine\.py$", done.stderr, re.MULTILINE), done.stderr
    assert "test_small.py" not in done.stderr


@pytest.mark.parametrize("where", ["here", "on a server"])
def test_ctrl_c_ends_the_lines_with_cancelled(where: str, shared: Server, scripts: Path, folder: Path) -> None:
    """The last line of JSON is the run's own `cancelled` event, and no other line is terminal; the exit code is 130."""
    options = ["--provider", "scripted", "--model", "endless", "--budget", "60", "--json"]
    options += ["--server", shared.grpc] if where == "on a server" else []
    environment = clean_environment(folder.with_name(f"{folder.name}-home")) | {"HEADWATER_SCRIPTS": str(scripts)}
    command = [sys.executable, "-m", "headwater", "tests", "steps.py", *options]
    with (folder / "complaints").open("w+") as complaints:
        process = psutil.Popen(command, cwd=folder, env=environment, stdout=PIPE, stderr=complaints, text=True)
        try:
            read: list[dict[str, Any]] = []
            for line in process.stdout:
                read.append(json.loads(line))
                if len(read) == 5:
                    process.send_signal(signal.SIGINT)
            process.wait(SECONDS)
        finally:
            process.stdout.close()
            if process.is_running():
                process.kill()
        complaints.seek(0)
        complaint = complaints.read()
    assert process.returncode == 130, complaint
    assert [event["type"] for event in read if event["type"] in TERMINAL] == ["cancelled"]
    assert read[-1]["type"] == "cancelled"
    assert [event["sequence"] for event in read] == list(range(1, len(read) + 1))
    assert "Traceback" not in complaint


def test_a_type_of_tests_that_nobody_heeds_is_told(shared: Server) -> None:
    """`integration` is accepted, and a warning says that the tests are unit tests."""
    events = generate(shared, request(test_type="integration"))
    warnings = [event.warning.message for event in events if event.HasField("warning")]
    assert any("'integration'" in each and "unit" in each for each in warnings), warnings
    assert events[-1].complete.success


def test_providers_are_configured_and_not_ready_until_they_were_asked(tmp_path: Path) -> None:
    """What has its key or needs none is configured, and the rest says what is missing."""
    done = command_line(tmp_path, "providers")
    states = {line.split()[0]: line.rpartition(": ")[2] for line in done.stdout.splitlines()}
    assert (states["embedded"], states["ollama"]) == ("configured", "configured")
    assert states["openai"] == "not configured, needs OPENAI_API_KEY"


def test_runs_are_listed_under_a_header(shared: Server, tmp_path: Path) -> None:
    """The first line names the columns, each of the others is a run; the server may be named before or after `list`."""
    run = generate(shared, request())[0].run
    done = command_line(tmp_path, "runs", "--server", shared.grpc, "list", "--most", "1")
    assert command_line(tmp_path, "runs", "list", "--server", shared.grpc, "--most", "1").stdout == done.stdout
    header, line = done.stdout.splitlines()
    assert header.split() == ["RUN", "METHOD", "STATE", "STARTED", "(UTC)", "EVENTS"]
    assert line.split()[:3] == [run, "GenerateTests", "completed"]


def test_a_key_that_is_missing_is_asked_for_by_its_option(guarded: Server, folder: Path) -> None:
    """The command line speaks of --token and not of headers."""
    done = command_line(folder, "tests", "small.py", "--server", guarded.grpc)
    assert done.returncode == 2
    assert "--token" in done.stderr
    assert "CREDENTIALS_MISSING" in done.stderr


def test_a_server_that_speaks_tls_is_asked_with_its_authority(start: Start, folder: Path) -> None:
    """With --tls-ca it answers; without it the line says what to look at."""
    authority = Authority(folder, "authority")
    certificate, key = authority.issue("server")
    server = start("--tls-certificate", str(certificate), "--tls-key", str(key))
    plain = command_line(folder, "runs", "--server", server.grpc, "list")
    assert (plain.returncode, "--tls" in plain.stderr) == (1, True), plain.stderr
    trusting = command_line(folder, "runs", "--server", server.grpc, "--tls-ca", str(authority.path), "list")
    assert (trusting.returncode, trusting.stderr) == (0, "headwater: there are no runs\n")


def test_the_version_is_shown_however_it_is_asked_for(tmp_path: Path) -> None:
    """`version`, `--version` and `-V` say the same."""
    shown = {command_line(tmp_path, how).stdout for how in ("version", "--version", "-V")}
    assert len(shown) == 1
    assert re.fullmatch(r"headwater, version \d+\.\d+\.\d+\n", shown.pop())


def test_the_readme_s_exit_codes_are_the_command_s(folder: Path) -> None:
    """Each row of the table is what a command shows; 3 by the tests of coverage, 130 by those of Ctrl-C."""
    table = re.findall(r"^\| (\d+) \| (.+) \|$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert [int(code) for code, _ in table] == [0, 1, 2, 3, 130]
    shown = {
        0: command_line(folder, "tests", "small.py", *BRIEF),
        1: command_line(folder, "tests", "constant.py", *BRIEF),
        2: command_line(folder, "tests", "small.py", "--provider", "openai"),
    }
    assert {code: done.returncode for code, done in shown.items()} == {0: 0, 1: 1, 2: 2}


TERMINAL = ("complete", "error", "cancelled")
