"""The pytest runner judges tests one by one and together, whatever they and their module do to the process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

RUNNER = Path(__file__).parents[1] / "service/headwater/sandbox/guest/pytest_runner"

HARNESS = """
import importlib.util, json, os, sys
import coverage, pytest
folder, messages = sys.argv[1], int(sys.argv[2])
spec = importlib.util.spec_from_file_location("guest", folder + "/__init__.py", submodule_search_locations=[folder])
sys.modules["guest"] = guest = importlib.util.module_from_spec(spec)
spec.loader.exec_module(guest)
sys.path.insert(0, os.getcwd())
encode, write, leave = json.dumps, os.write, os._exit
guest.main(json.load(sys.stdin), lambda message: write(messages, encode(message).encode() + b"\\n"))
leave(0)
"""

CART = """
def total(prices, tax=0):
    result = 0
    for price in prices:
        if price < 0:
            raise ValueError("negative")
        result += price
    return result * (1 + tax)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What the runner sent, and how its process ended."""

    messages: list[dict[str, Any]]
    status: int
    printed: str

    def all(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["event"] == event]

    def one(self, event: str) -> dict[str, Any]:
        (message,) = self.all(event)
        return message

    def alone(self, name: str) -> dict[str, Any]:
        return next(message for message in self.all("alone") if message["name"] == name)


def run(work: Path, files: Mapping[str, str], **request: Any) -> Ran:
    """Writes the files and runs main() in a process of its own, as the sandbox does in a fork."""
    for name, text in files.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(textwrap.dedent(text))
    reader, writer = os.pipe()
    asked = {"tests": "test_cart.py", "module": "cart", "source": "cart.py", "rounds": 0, **request}
    # Printed into a file: a pipe that nobody reads meanwhile would block who prints much.
    with (
        tempfile.TemporaryFile("w+") as printed,
        subprocess.Popen(
            [sys.executable, "-I", "-c", HARNESS, str(RUNNER), str(writer)],
            cwd=work,
            env={"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            stdin=subprocess.PIPE,
            stdout=printed,
            stderr=subprocess.STDOUT,
            pass_fds=[writer],
            text=True,
        ) as process,
    ):
        os.close(writer)
        with os.fdopen(reader) as stream:
            assert process.stdin is not None
            process.stdin.write(json.dumps(asked))
            process.stdin.close()
            messages = [json.loads(line) for line in stream]
        status = process.wait()
        printed.seek(0)
        return Ran(messages=messages, printed=printed.read(), status=status)


def judge(work: Path, tests: str, *names: str, module: str = CART, **request: Any) -> Ran:
    """Judges tests against the cart module and expects the runner to come to its end."""
    ran = run(work, {"cart.py": module, "test_cart.py": tests}, judge=list(names), **request)
    assert ran.status == 0, ran.printed
    return ran


def test_messages_come_in_order_and_the_scratch_folder_is_gone(tmp_path: Path) -> None:
    """Import, baseline, collected, each test alone, each round, then coverage; only the given files remain."""
    tests = "import cart\ndef test_a(): assert cart.total([2]) == 2\ndef test_b(): assert cart.total([]) == 0"
    ran = judge(tmp_path, tests, "test_b", "test_a", rounds=2)
    events = ["import", "baseline", "collected", "alone", "alone", "round", "round", "coverage"]
    assert [message["event"] for message in ran.messages] == events
    assert [message["name"] for message in ran.all("alone")] == ["test_b", "test_a"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cart.py", "test_cart.py"]


@pytest.mark.parametrize(
    ("module", "kind", "name", "line"),
    [
        ("x = 1\nimport requestz.api\n", "ModuleNotFoundError", "requestz", 2),
        ("def f(:\n", "SyntaxError", None, 1),
        ("def f():\n    return 1 / 0\nf()\n", "ZeroDivisionError", None, 2),
        ("import sys\nsys.exit(3)\n", "SystemExit", None, 2),
        ("raise KeyboardInterrupt\n", "KeyboardInterrupt", None, 1),
    ],
)
def test_a_failed_import_is_told_with_its_line_and_nothing_follows(
    tmp_path: Path, module: str, kind: str, name: str | None, line: int
) -> None:
    """Whatever an import raises ends the run with the one message that says so, in the user's frames only."""
    ran = judge(tmp_path, "", module=module)
    (message,) = ran.messages
    told = {key: message[key] for key in ("event", "ok", "kind", "name", "line")}
    assert told == {"event": "import", "ok": False, "kind": kind, "name": name, "line": line}
    assert "importlib" not in message["detail"]


def test_an_import_that_ends_the_process_sends_nothing(tmp_path: Path) -> None:
    """The host sees the crash itself."""
    ran = run(tmp_path, {"cart.py": "import os\nos._exit(7)"})
    assert (ran.messages, ran.status) == ([], 7)


def test_a_module_found_elsewhere_is_refused(tmp_path: Path) -> None:
    """Zero coverage of the wrong file must not look like a verdict."""
    ran = run(tmp_path, {"cart.py": CART, "other/cart.py": CART}, source="other/cart.py")
    assert "not from" in ran.one("import")["detail"]
    assert len(ran.messages) == 1


def test_a_source_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A wrong path is told, not a traceback of the runner."""
    ran = run(tmp_path, {"cart.py": CART}, source="absent.py")
    assert "not from" in ran.one("import")["detail"]
    assert ran.status == 0


def test_a_module_named_like_a_loaded_one_is_the_users(tmp_path: Path) -> None:
    """A fresh interpreter would have found the work folder's file before any other."""
    files = {"textwrap.py": "def dedent(text): return 'mine'\n", "test_cart.py": "import textwrap\n"}
    ran = run(tmp_path, files, module="textwrap", source="textwrap.py")
    assert ran.one("import")["ok"]
    assert ran.one("baseline")["lines"] == [1]


OUTCOMES = """
import ctypes, os, signal, subprocess, sys, threading, warnings
import pytest
import cart

def test_passes(): assert cart.total([1, 2]) == 3
def test_fails(): assert cart.total([1, 2]) == 4
@pytest.mark.parametrize("price, sum", [(1, 1), (2, 3)])
def test_cases(price, sum): assert cart.total([price]) == sum
def test_raises():
    cart.total([-1])
def test_exits(): os._exit(3)
def test_exits_well(): os._exit(0)
def test_segfaults(): ctypes.string_at(0)
def test_kills_itself(): os.kill(os.getpid(), signal.SIGKILL)
def test_hangs():
    while True: pass
def test_hangs_behind_a_child():
    if os.fork(): os._exit(5)
    while True: pass
def test_closes_what_is_not_its_own(): os.closerange(3, 256)
def test_forks_on():
    os.fork()
def test_quits(): sys.exit(4)
def test_interrupts(): raise KeyboardInterrupt
def test_stops_pytest(): pytest.exit("enough")
def test_skips(): pytest.skip("not today")
@pytest.mark.xfail(reason="known")
def test_xfails(): assert False
@pytest.mark.xfail(strict=True, reason="fixed")
def test_xpasses(): pass
def test_asks_for_nothing_there(mocker): pass
@pytest.fixture
def late():
    yield
    raise OSError("too late")
def test_tears_down_badly(late): pass
def test_prints(capsys):
    print("hello"); assert capsys.readouterr().out == "hello\\n"
def test_prints_past_pytest(capfd):
    subprocess.run(["echo", "hello"]); assert capfd.readouterr().out == "hello\\n"
def test_is_loud():
    print("NOISE"); os.write(1, b"NOISE"); subprocess.run(["echo", "NOISE"])
def test_warns(): warnings.warn("careful", DeprecationWarning)
def test_uses_a_folder(tmp_path): (tmp_path / "a").write_text("b")
async def test_is_async(): assert cart.total([]) == 0
async def test_is_async_and_fails(): assert cart.total([]) == 1
class Unprintable(Exception):
    def __str__(self): raise ValueError
def test_raises_what_cannot_be_printed(): raise Unprintable
def test_is_long(): pytest.fail("a" * 10000)
class TestCart:
    def test_method(self): assert cart.total([1], tax=1) == 2
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One run of every kind of test, none of which may cost another its verdict."""
    defined = [line.split("def ")[1].split("(")[0] for line in OUTCOMES.splitlines() if "def test_" in line]
    names = ["TestCart::test_method" if name == "test_method" else name for name in defined]
    return judge(tmp_path_factory.mktemp("outcomes"), OUTCOMES, *names, "test_nowhere", test_seconds=3.0, rounds=1)


@pytest.mark.parametrize(
    ("name", "outcome", "detail"),
    [
        ("test_passes", "passed", ""),
        ("test_fails", "failed", "assert 3 == 4\n +  where 3 = <function total>([1, 2])"),
        ("test_raises", "failed", 'in total: raise ValueError("negative")'),
        ("test_exits", "crashed", "exit status 3"),
        ("test_exits_well", "crashed", "exit status 0"),
        ("test_segfaults", "crashed", "SIGSEGV"),
        ("test_kills_itself", "crashed", "SIGKILL"),
        ("test_hangs", "timeout", "did not end in time"),
        ("test_hangs_behind_a_child", "crashed", "exit status 5"),
        ("test_closes_what_is_not_its_own", "crashed", "exit status 1"),
        ("test_forks_on", "passed", ""),
        ("test_quits", "failed", "SystemExit: the code ended the interpreter with 4"),
        ("test_interrupts", "failed", "KeyboardInterrupt"),
        ("test_stops_pytest", "failed", "enough"),
        ("test_skips", "skipped", "not today"),
        ("test_xfails", "skipped", "xfail: known"),
        ("test_xpasses", "failed", "fixed"),
        ("test_asks_for_nothing_there", "failed", "in setup: fixture 'mocker' not found"),
        ("test_tears_down_badly", "failed", "in teardown: OSError: too late"),
        ("test_prints", "passed", ""),
        ("test_prints_past_pytest", "passed", ""),
        ("test_is_loud", "passed", ""),
        ("test_warns", "passed", ""),
        ("test_uses_a_folder", "passed", ""),
        ("test_is_async", "passed", ""),
        ("test_is_async_and_fails", "failed", "assert 0 == 1"),
        ("test_raises_what_cannot_be_printed", "failed", "Unprintable"),
        ("test_is_long", "failed", "…"),
        ("TestCart::test_method", "passed", ""),
    ],
)
def test_each_way_to_end_is_told_apart(outcomes: Ran, name: str, outcome: str, detail: str) -> None:
    """A hang, a crash and a failure each have their name and say how; none of them costs another test its verdict."""
    message = outcomes.alone(name)
    (item,) = message["items"]
    assert (message["outcome"], item["outcome"], item["item"]) == (outcome, outcome, name)
    assert detail in item["detail"]
    assert len(item["detail"]) <= 2000
    assert message["leaks"] == []


def test_a_failure_names_the_line_of_the_test(outcomes: Ran) -> None:
    """The line is the test's own, even when the module raised."""
    line = 1 + OUTCOMES.splitlines().index("    cart.total([-1])")
    assert outcomes.alone("test_raises")["items"][0]["line"] == line


def test_each_case_of_a_parametrised_test_has_its_own_outcome(outcomes: Ran) -> None:
    """One failed case fails the test; the others stay what they were."""
    message = outcomes.alone("test_cases")
    assert message["outcome"] == "failed"
    assert [item["outcome"] for item in message["items"]] == ["passed", "failed"]
    assert {"name": "test_cases", "items": ["test_cases[1-1]", "test_cases[2-3]"]} in outcomes.one("collected")["tests"]


def test_a_test_that_was_not_collected_is_said_to_be_missing(outcomes: Ran) -> None:
    """A wrong name is no silence."""
    message = outcomes.alone("test_nowhere")
    assert (message["outcome"], message["items"]) == ("failed", [])
    assert "no test named test_nowhere" in message["detail"]


def test_what_tests_print_is_swallowed(outcomes: Ran) -> None:
    """Neither print nor a child process reaches the runner's output."""
    assert outcomes.printed == ""


def test_rounds_leave_out_what_failed_alone(outcomes: Ran) -> None:
    """A test that crashes costs the others no round and no coverage."""
    message = outcomes.one("round")
    failed = [message["name"] for message in outcomes.all("alone") if message["outcome"] not in {"passed", "skipped"}]
    assert message["outcome"] == "passed"
    assert message["left_out"] == failed
    assert outcomes.one("coverage")["lines"]


@pytest.mark.parametrize(
    ("tests", "kind", "line"),
    [
        ("import cart\nfrom cart import absent\n", "ImportError", 2),
        ("def test_a(:\n", "SyntaxError", 1),
        ("import cart\n\ncart.total([-1])\n", "ValueError", 3),
        ("import sys\nsys.exit(2)\n", "SystemExit", 2),
        ("raise KeyboardInterrupt\n", "KeyboardInterrupt", 1),
    ],
)
def test_a_file_that_cannot_be_collected_is_told_with_its_line(
    tmp_path: Path, tests: str, kind: str, line: int
) -> None:
    """Import and baseline stand; the collection error follows and ends the run."""
    ran = judge(tmp_path, tests, "test_a", rounds=1)
    assert [message["event"] for message in ran.messages] == ["import", "baseline", "collected"]
    (error,) = ran.one("collected")["errors"]
    assert (error["kind"], error["line"]) == (kind, line)
    assert "_pytest" not in error["detail"]


def test_a_file_of_tests_that_is_not_there_is_told(tmp_path: Path) -> None:
    """What pytest calls a usage error is reported with its words."""
    (error,) = run(tmp_path, {"cart.py": CART}, tests="test_absent.py").one("collected")["errors"]
    assert error["kind"] == "UsageError"
    assert "test_absent.py" in error["detail"]
