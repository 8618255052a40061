"""`headwater coverage` as a process: real reports, here and on a server, gates, exit codes, and nonsense."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ..end_to_end.server import SECONDS, Server, clean_environment  # noqa: TID252 — as the tests beside it do

DATA = Path(__file__).parents[1] / "data" / "coverage"
REPORTS = {
    "cobertura": DATA / "cobertura" / "coveragepy_branch" / "report.xml",
    "lcov": DATA / "lcov" / "nyc" / "report.info",
    "jacoco": DATA / "jacoco" / "plain" / "report.xml",
    "go_cover": DATA / "go_cover" / "count" / "report.out",
}
PAY = """\
class PaymentError(Exception):
    pass


def charge_card(card, amount):
    if amount <= 0:
        raise PaymentError(amount)
    return card, amount
"""
LCOV = "SF:shop/pay.py\nDA:1,1\nDA:2,1\nDA:5,1\nDA:6,1\nDA:7,0\nDA:8,1\nend_of_record\n"
CHANGE = """\
--- a/shop/pay.py
+++ b/shop/pay.py
@@ -6,2 +6,3 @@
     if amount <= 0:
+        raise PaymentError(amount)
     return card, amount
"""
DOCUMENTS = "--- a/README\n+++ b/README\n@@ -1 +1,2 @@\n one\n+two\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with a report: 5 of 6 lines are covered."""
    project = tmp_path / "project"
    (project / "src" / "shop").mkdir(parents=True)
    (project / "src" / "shop" / "__init__.py").touch()
    (project / "src" / "shop" / "pay.py").write_text(PAY)
    (project / "lcov.info").write_text(LCOV)
    (project / "change.diff").write_text(CHANGE)
    (project / "documents.diff").write_text(DOCUMENTS)
    (project / "empty.info").write_text("TN:\nSF:a.py\nend_of_record\n")
    (project / "broken.xml").write_text('<coverage line-rate="1"><packages><package>')
    (project / "words.txt").write_text("no report\n")
    return project


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that reads no folder."""
    served = Server(tmp_path_factory.mktemp("server"))
    try:
        yield served.start()
    finally:
        served.close()


def coverage(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command to its end in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "headwater", "coverage", *arguments],
        cwd=folder,
        env=clean_environment(folder.with_name("home")),
        input=given,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize("name", REPORTS)
def test_the_totals_are_those_of_the_tool(name: str, folder: Path) -> None:
    """The JSON has the counts that the tool printed, in the wire's shape."""
    done = coverage(folder, str(REPORTS[name]), "--format", "json")
    assert done.returncode == 0, done.stderr
    expected = json.loads((REPORTS[name].parent / "expected.json").read_text("utf-8"))["units"]
    counts: Mapping[str, Mapping[str, Any]] = json.loads(done.stdout)["counts"]
    found = {unit: [int(each["covered"]), int(each["total"])] for unit, each in counts.items()}
    assert expected.items() <= found.items()


def test_reports_of_several_kinds_are_united(folder: Path) -> None:
    """One call takes them all."""
    done = coverage(folder, *map(str, REPORTS.values()), "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["formats"] == list(REPORTS)


@pytest.mark.parametrize("form", ["text", "markdown", "sarif", "github", "json", "html"])
@pytest.mark.parametrize("where", ["here", "on a server"])
def test_every_form_tells_the_gap(form: str, where: str, folder: Path, server: Server) -> None:
    """With the source, here or sent to a server: the line, and the condition that never held."""
    options = ["--server", server.grpc] if where == "on a server" else []
    done = coverage(folder, "lcov.info", "--source", "src", "--format", form, *options)
    assert done.returncode == 0, done.stderr
    assert "shop/pay.py" in done.stdout
    assert "amount" in done.stdout
    assert "Traceback" not in done.stderr
    if form in {"sarif", "github"}:
        assert "src/shop/pay.py" in done.stdout, "tools name files from where the command runs"


def test_the_result_goes_to_a_file(folder: Path) -> None:
    """Then the gaps are told on stderr as they are found, and stdout is empty."""
    done = coverage(folder, "lcov.info", "--source", "src", "--format", "html", "--out", "page.html")
    assert (done.returncode, done.stdout) == (0, "")
    assert "shop/pay.py:7" in done.stderr
    assert "Wrote page.html" in done.stderr
    assert "% shop/" not in done.stderr, "files are told where --files asks for them"
    assert "raise PaymentError(amount)" in (folder / "page.html").read_text("utf-8")


def test_events_are_lines_of_json(folder: Path) -> None:
    """With --json stdout has the events and nothing else; --out has the result besides."""
    done = coverage(folder, "lcov.info", "--json", "--files", "--format", "text", "--out", "result.txt")
    kinds = [json.loads(line)["type"] for line in done.stdout.splitlines()]
    assert (kinds[0], kinds[-1]) == ("start", "complete")
    assert {"file", "gap"} <= set(kinds)
    assert "Coverage: 83.33%" in (folder / "result.txt").read_text("utf-8")


GATES: Mapping[str, tuple[tuple[str, ...], int, str]] = {
    "none asked": ((), 0, ""),
    "met exactly": (("--fail-under", "83.33"), 0, ""),
    "missed by a hundredth": (("--fail-under", "83.34"), 3, "83.33% misses the 83.34% of --fail-under by 0.01 points"),
    "a sign of percent": (("--fail-under", "80%"), 0, ""),
    "a target only aims": (("--target", "99"), 0, ""),
    "the patch is missed": (
        ("--diff", "change.diff", "--patch-fail-under", "50"),
        3,
        "0.00% misses the 50% of --patch",
    ),
    "the patch has no code": (("--diff", "documents.diff", "--patch-fail-under", "100"), 0, ""),
    "both are missed": (
        ("--fail-under", "90", "--diff", "change.diff", "--patch-fail-under", "90"),
        3,
        "of --patch-fail-under by 90.00 points",
    ),
}


@pytest.mark.parametrize("case", GATES)
def test_a_gate_is_the_exit_code(case: str, folder: Path) -> None:
    """3 where a threshold is missed, with a line on stderr that says which and by how much; the result is told too."""
    options, code, told = GATES[case]
    done = coverage(folder, "lcov.info", *options)
    assert done.returncode == code, done.stderr
    assert "Coverage: 83.33%" in done.stdout
    missed = [line for line in done.stderr.splitlines() if line.startswith("headwater: ")]
    assert bool(missed) == bool(told)
    assert told in "\n".join(missed)


def test_84_999_is_not_85(folder: Path) -> None:
    """What was measured decides, not what it is rounded to."""
    lines = "".join(f"DA:{number},{int(number <= 84_999)}\n" for number in range(1, 100_001))
    (folder / "long.info").write_text(f"SF:long.py\n{lines}end_of_record\n")
    done = coverage(folder, "long.info", "--fail-under", "85", "--format", "json")
    assert done.returncode == 3, done.stderr
    assert "84.99%" in done.stderr


def test_nothing_measured_meets_no_threshold(folder: Path) -> None:
    """A report without a line that could be covered says nothing about the code, and the command says so."""
    done = coverage(folder, "empty.info", "--fail-under", "0")
    assert done.returncode == 3
    assert "no line that could be covered" in done.stderr


REFUSED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "no such report": (("gone.xml",), "REPORT_NOT_FOUND"),
    "a folder": (("src",), "REPORT_NOT_FOUND"),
    "no report": (("words.txt",), "REPORT_UNKNOWN"),
    "a threshold in words": (("lcov.info", "--fail-under", "high"), "THRESHOLD_INVALID"),
    "a threshold beyond all": (("lcov.info", "--fail-under", "101"), "THRESHOLD_INVALID"),
    "a threshold that is no number": (("lcov.info", "--patch-fail-under", "nan"), "THRESHOLD_INVALID"),
    "a threshold finer than is told": (("lcov.info", "--fail-under", "84.999"), "THRESHOLD_INVALID"),
    "a target in words": (("lcov.info", "--target", "all"), "THRESHOLD_INVALID"),
    "a patch without a diff": (("lcov.info", "--patch-fail-under", "90"), "DIFF_NEEDED"),
    "no such diff": (("lcov.info", "--diff", "gone.diff"), "DIFF_NOT_FOUND"),
    "a diff that is none": (("lcov.info", "--diff", "words.txt"), "DIFF_MALFORMED"),
    "a diff and a range": (("lcov.info", "--diff", "change.diff", "--git-range", "a...b"), "DIFF_AMBIGUOUS"),
    "a range without a checkout": (("lcov.info", "--git-range", "a...b"), "SOURCE_NEEDED"),
    "a range that is an option": (("lcov.info", "--source", "src", "--git-range=--output=x"), "GIT_RANGE_INVALID"),
    "a range of no checkout": (("lcov.info", "--source", "src", "--git-range", "a...b"), "NOT_A_CHECKOUT"),
    "a folder on no server": (("lcov.info", "--remote-source", "/src"), "ARGUMENT_INVALID"),
    "a file in no folder": (("lcov.info", "--out", "gone/out.txt"), "OUT_UNUSABLE"),
    "a full disk": (("lcov.info", "--out", "/dev/full"), "OUT_UNUSABLE"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_asked_is_one_line_and_exit_code_2(case: str, folder: Path) -> None:
    """The last line ends with the stable reason; nothing is on stdout, and there is no traceback."""
    arguments, reason = REFUSED[case]
    done = coverage(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "Traceback" not in done.stderr
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith("headwater: ")
    assert line.endswith(f"[{reason}]")


def test_a_broken_report_is_a_failed_run(folder: Path) -> None:
    """The run began, and ended with an error that names the place; exit code 1."""
    done = coverage(folder, "broken.xml")
    assert (done.returncode, done.stdout) == (1, "")
    assert "REPORT_MALFORMED" in done.stderr


def test_a_server_that_is_not_there_is_told(folder: Path) -> None:
    """At once, and with exit code 1: it may be there later."""
    done = coverage(folder, "lcov.info", "--server", "127.0.0.1:1")
    assert done.returncode == 1
    assert done.stderr.endswith("[UNAVAILABLE]\n")


def test_a_diff_may_come_on_stdin(folder: Path) -> None:
    """`git diff | headwater coverage … --diff -`."""
    done = coverage(folder, "lcov.info", "--diff", "-", given=CHANGE)
    assert done.returncode == 0, done.stderr
    assert "Patch: 0.00% of the changed lines (0/1)" in done.stdout


@pytest.mark.parametrize("where", ["here", "on a server"])
def test_a_range_of_the_checkout_is_a_diff(where: str, folder: Path, server: Server) -> None:
    """Wherever the work is done, the commits are those of the checkout here."""
    me = ("git", "-c", "user.name=me", "-c", "user.email=me@example.org")
    changed = (folder / "src" / "shop" / "pay.py").read_text()
    for text, message in (
        (changed.replace("        raise PaymentError(amount)\n", "        return None\n"), "one"),
        (changed, "two"),
    ):
        (folder / "src" / "shop" / "pay.py").write_text(text)
        for command in (("init", "-q"), ("add", "."), ("commit", "-qm", message)):
            subprocess.run(
                [*me, *command], cwd=folder / "src", env=clean_environment(folder.with_name("home")), check=True
            )
    options = ["--server", server.grpc] if where == "on a server" else []
    done = coverage(folder, "lcov.info", "--source", "src", "--git-range", "HEAD~1...HEAD", *options)
    assert done.returncode == 0, done.stderr
    assert "Patch: 0.00% of the changed lines (0/1)" in done.stdout


def test_only_code_is_sent(folder: Path, server: Server) -> None:
    """No hidden folder, no link that leads out, nothing that is no code leaves the machine."""
    (folder / "secret.py").write_text("KEY = 'do not send'\n")
    (folder / "src" / ".hidden").mkdir()
    (folder / "src" / ".hidden" / "key.py").write_text("KEY = 1\n")
    (folder / "src" / "link.py").symlink_to(folder / "secret.py")
    done = coverage(folder, "lcov.info", "--source", "src", "--server", server.grpc, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert "link.py" not in done.stdout
    assert "key.py" not in done.stdout


def test_the_page_shows_no_file_from_outside(folder: Path) -> None:
    """A report may name any file; the page shows those of the source."""
    (folder / "secret.py").write_text("KEY = 'do not show'\n")
    (folder / "lcov.info").write_text("SF:../secret.py\nDA:1,0\nend_of_record\n")
    done = coverage(folder, "lcov.info", "--source", "src", "--format", "html")
    assert done.returncode == 0, done.stderr
    assert "do not show" not in done.stdout


def test_ctrl_c_cancels_the_run(folder: Path) -> None:
    """The last line of JSON is `cancelled`, and the exit code is 130."""
    lines = "".join(f"DA:{line},0\n" for line in range(1, 40))
    (folder / "long.info").write_text("".join(f"SF:src/{each}.py\n{lines}end_of_record\n" for each in range(20_000)))
    command = [sys.executable, "-m", "headwater", "coverage", "long.info", "--json", "--files"]
    environment = clean_environment(folder.with_name("home"))
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = [json.loads(process.stdout.readline())["type"] for _ in range(2)]
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        process.wait(SECONDS)
    assert first[0] == "start"
    assert json.loads(rest.splitlines()[-1])["type"] == "cancelled"
    assert process.returncode == 130


def test_tests_are_written_where_they_are_asked_for(folder: Path) -> None:
    """Tests that close gaps are written beside what is there, under names that nobody has, and they pass."""
    written = folder / "written"
    written.mkdir()
    (written / "test_pay.py").write_text("")
    options = ("--suggest", "verified", "--budget", "5", "--tests-out", "written")
    done = coverage(folder, "lcov.info", "--source", "src", *options)
    assert done.returncode == 0, done.stderr
    (new,) = [each for each in written.iterdir() if each.name != "test_pay.py"]
    assert "PaymentError" in new.read_text()
    passed = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(new)],
        cwd=folder / "src",
        env={**clean_environment(folder.with_name("home")), "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert passed.returncode == 0, passed.stdout


@pytest.mark.parametrize("option", ["--tests-out=.", "--budget=3", "--provider=embedded"])
def test_options_of_tests_need_tests(folder: Path, option: str) -> None:
    """What speaks of tests that are not written is refused, not ignored."""
    done = coverage(folder, "lcov.info", option)
    assert done.returncode == 2
    assert "--suggest verified" in done.stderr
