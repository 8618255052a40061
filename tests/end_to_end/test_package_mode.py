"""`headwater tests` on a package: every module, tests that exist, what changed, and going on after a stop."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any

import psutil
import pytest

from tests.packages.project import CART, CART_TESTS, ROUTES, SHOP, commit, write

from .server import SECONDS, Server, clean_environment, command_line
from .sources import BRIEF, STEPS

BROKEN = "import nothing_of_that_name\n\n\ndef use() -> None: ...\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with a src layout."""
    return write(tmp_path / "shop", SHOP)


def summary(stdout: str) -> dict[str, Any]:
    """The last line of JSON."""
    last = json.loads(stdout.splitlines()[-1])
    assert last["type"] == "summary"
    return last


def rows(stdout: str) -> dict[str, dict[str, Any]]:
    """What became of each module, by its name."""
    return {row["module"]: row for row in summary(stdout)["modules"]}


def passing(folder: Path) -> None:
    """Asserts that the tests of a project pass, with nothing done by hand."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    environment = clean_environment(folder.with_name("home")) | {"PYTHONPATH": "src", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_module_gets_its_tests_and_one_that_fails_stops_no_other(shop: Path) -> None:
    """Lines on stderr, a table on stdout, exit code 3 since one module could not be imported; the tests pass."""
    write(shop, {"src/shop/broken.py": BROKEN, "src/shop/syntax.py": "def (\n"})
    done = command_line(shop, "tests", "src", "--out", "tests", *BRIEF)
    assert done.returncode == 3, done.stderr
    assert "\x1b" not in done.stderr + done.stdout
    table = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert table["shop.cart"].endswith("tested")
    assert "nothing_of_that_name" in table["shop.broken"]
    assert "invalid syntax" in table["shop.syntax"]
    assert table["shop"].endswith("nothing to test")
    assert table["6"].startswith("6 modules")
    assert "[6/6]" in done.stderr
    assert "PYTHONPATH=src" in done.stderr
    written = {file.name for file in (shop / "tests").glob("*.py")}
    assert written == {"test_cart.py", "test_api_cart.py"}
    passing(shop)


def test_what_existing_tests_cover_is_not_tested_again(shop: Path) -> None:
    """A module that they cover has no run; another says what was covered before. Their file stays as it is."""
    write(shop, {"tests/test_cart.py": CART_TESTS, "tests/test_routes.py": HALF})
    done = command_line(shop, "tests", "shop", "--out", "tests", "--json", *BRIEF)
    assert done.returncode == 0, done.stderr
    found = rows(done.stdout)
    assert (found["shop.cart"]["verdict"], found["shop.cart"]["tests"]) == ("covered already", 0)
    routes = found["shop.api.cart"]
    assert (routes["verdict"], routes["test_file"]) == ("tested", "test_api_cart.py")
    assert 0 < routes["before"]["branch"] < routes["after"]["branch"] == 100
    events = [json.loads(line) for line in done.stdout.splitlines()]
    (ran,) = [event for event in events if event["type"] == "existing_tests"]
    assert (ran["files"], ran["passed"], ran["failed"]) == (2, 3, 0)
    covered = [line for event in events if event["type"] == "test" for line in event["test_case"]["gain"]["lines"]]
    assert 3 not in covered, "the line that an existing test executes is no gain"
    assert {event["module"] for event in events if event["type"] == "start"} == {"shop.api.cart"}
    assert (shop / "tests/test_cart.py").read_text() == CART_TESTS
    passing(shop)


HALF = """from shop.api.cart import route


def test_home() -> None:
    assert route("/") == "home"
"""


def test_no_file_of_others_is_written_over_without_force(shop: Path) -> None:
    """Their file keeps its name and text; with --force it is written over."""
    mine = "def test_mine() -> None: ...\n"
    write(shop, {"tests/test_cart.py": mine})
    command = ("tests", "src/shop/cart.py", "--out", "tests", *BRIEF)
    assert command_line(shop, *command).returncode == 0
    assert (shop / "tests/test_cart.py").read_text() == mine
    assert "def test_" in (shop / "tests/test_cart_generated.py").read_text()
    assert command_line(shop, *command, "--force", "--fresh", "--no-existing").returncode == 0


def test_only_what_changed_is_aimed_at(shop: Path) -> None:
    """One function changed and one file is new: tests of these alone. Without a change there is nothing to do."""
    commit(shop)
    command = ("tests", "src", "--out", "tests", "--changed-since", "HEAD", *BRIEF)
    nothing = command_line(shop, *command)
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "nothing changed since HEAD" in nothing.stderr
    write(shop, {"src/shop/cart.py": CART.replace("price < 0", "price < 1"), "src/shop/fresh.py": ROUTES})
    done = command_line(shop, *command, "--json")
    assert done.returncode == 0, done.stderr
    assert {name: row["verdict"] for name, row in rows(done.stdout).items()} == {
        "shop.cart": "tested",
        "shop.fresh": "tested",
    }
    passing(shop)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("src",), "OUT_NEEDED"),
        (("src", "--out", "pyproject.toml"), "OUT_UNUSABLE"),
        (("src", "--out", "tests", "--exclude", "*.py"), "MODULES_MISSING"),
        (("src", "--out", "tests", "--lines", "3"), "ARGUMENT_INVALID"),
        (("src", "--out", "tests", "--symbol", "Cart"), "ARGUMENT_INVALID"),
        (("src", "--out", "tests", "--budget", "1", "--total-budget", "2"), "ARGUMENT_INVALID"),
        (("src", "--out", "tests", "--existing-seconds", "inf"), "ARGUMENT_INVALID"),
        (("src", "--out", "tests", "--changed-since", "HEAD"), "NOT_A_CHECKOUT"),
        (("src", "--out", "tests", "--provider", "openai"), "VENDOR_KEY_MISSING"),
        (("nothing.there", "--out", "tests"), "SOURCE_NOT_FOUND"),
        (("-", "--fresh"), "ARGUMENT_INVALID"),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_line(arguments: tuple[str, ...], reason: str, shop: Path) -> None:
    """The exit code is 2, the last line ends with the reason, and with --json the last line is an `error` event."""
    done = command_line(shop, "tests", *arguments)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].endswith(f"[{reason}]")
    told = command_line(shop, "tests", *arguments, "--json")
    assert json.loads(told.stdout.splitlines()[-1])["reason"] == reason


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_the_same_command_goes_on_where_it_was_stopped(sign: signal.Signals, shop: Path) -> None:
    """After Ctrl-C (exit code 130) and after a kill, what was finished is not done again, and the rest is."""
    command = ("tests", "src", "--out", "tests", "--jobs", "1", "--json", *BRIEF)
    with started(shop, *command) as process:
        events = map(json.loads, process.stdout)
        first = next(event for event in events if event["type"] == "module" and event["verdict"] == "tested")
        process.send_signal(sign)
        rest = process.stdout.read()
        assert process.wait(SECONDS) == (130 if sign is signal.SIGINT else -sign)
    if sign is signal.SIGINT:
        assert summary(rest)["exit_code"] == 130
    again = command_line(shop, *command)
    assert again.returncode == 0, again.stderr
    found = rows(again.stdout)
    assert [name for name, row in found.items() if row["resumed"]] == [first["module"]]
    assert found["shop.cart"]["verdict"] == found["shop.api.cart"]["verdict"] == "tested"
    third = command_line(shop, *command)
    assert all(row["resumed"] for row in rows(third.stdout).values() if row["verdict"] == "tested")
    passing(shop)


def test_ctrl_c_ends_every_run_at_once(scripts: Path, tmp_path: Path) -> None:
    """Two runs that would go on for a minute end, with all that they started; a person is told how to go on."""
    folder = write(tmp_path / "steps", {"setup.cfg": "", "one.py": STEPS, "two.py": STEPS})
    options = ("--provider", "scripted", "--model", "endless", "--budget", "60", "--jobs", "2", "--json")
    with started(folder, "tests", ".", "--out", "tests", *options, scripts=scripts) as process:
        begun: set[str] = set()
        for line in process.stdout:
            event = json.loads(line)
            if event["type"] == "chunk":
                begun.add(event["module"])
            if begun == {"one", "two"}:
                break
        family = process.children(recursive=True)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(SECONDS) == 130
    assert [row["verdict"] for row in summary(rest)["modules"]] == ["cancelled", "cancelled"]
    assert psutil.wait_procs(family, timeout=10)[1] == []


def test_a_server_may_do_the_work(shared: Server, shop: Path) -> None:
    """The code is sent to it; tests that exist are run here."""
    write(shop, {"tests/test_cart.py": CART_TESTS})
    done = command_line(shop, "tests", "src", "--out", "tests", "--json", "--server", shared.grpc, *BRIEF)
    assert done.returncode == 0, done.stderr
    found = rows(done.stdout)
    assert (found["shop.cart"]["verdict"], found["shop.api.cart"]["verdict"]) == ("covered already", "tested")
    passing(shop)
    gone = command_line(shop, "tests", "src", "--out", "others", "--server", "127.0.0.1:1")
    assert gone.returncode == 1
    assert gone.stderr.splitlines()[-1].endswith("[UNAVAILABLE]")


def test_namespaces_and_main_modules_are_imported_by_their_names(tmp_path: Path) -> None:
    """A package without `__init__.py`, a `__main__` and a file beside the settings, all of which pass when run."""
    files = {
        "pyproject.toml": "",
        "company/shop/cart.py": CART,
        "company/shop/__main__.py": f"from company.shop.cart import Cart\n\n\n{ROUTES}",
        "single.py": ROUTES,
    }
    folder = write(tmp_path / "company", files)
    done = command_line(folder, "tests", ".", "--out", "tests", "--json", "--total-budget", "60", "--executions", "500")
    assert done.returncode == 0, done.stderr
    assert list(rows(done.stdout)) == ["company.shop.__main__", "company.shop.cart", "single"]
    assert "from company.shop.cart import" in (folder / "tests/test_company_shop_cart.py").read_text()
    passing(folder)


@contextmanager
def started(folder: Path, *arguments: str, scripts: Path | None = None) -> Generator[psutil.Popen]:
    """Starts a command, and sees to it that nothing of it is left."""
    environment = clean_environment(folder.with_name(f"{folder.name}-home"))
    environment |= {"HEADWATER_SCRIPTS": str(scripts)} if scripts is not None else {}
    command = [sys.executable, "-m", "headwater", *arguments]
    process = psutil.Popen(command, cwd=folder, env=environment, stdout=PIPE, stderr=DEVNULL, text=True)
    try:
        yield process
    finally:
        process.stdout.close()
        if process.is_running():
            process.kill()
            process.wait()
