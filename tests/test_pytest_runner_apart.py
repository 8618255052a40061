"""The pytest runner keeps tests apart: from each other, from their module's deeds and from what lies around them."""

from __future__ import annotations

from pathlib import Path

import pytest

from .test_pytest_runner import CART, judge, run

LEAKS = """
import os, signal, sys, threading, builtins, types
from pathlib import Path
import cart

def test_environment(): os.environ["LEFT"] = "1"
def test_folder(): os.chdir("/")
def test_modules(): sys.modules["planted"] = types.ModuleType("planted")
def test_swapped(): sys.modules["json"] = None
def test_path(): sys.path.append("/nowhere")
def test_file(): Path("out.txt").write_text("x")
def test_folders():
    Path("a/b").mkdir(parents=True); Path("a/b/c").write_text("x")
def test_overwrites(): Path("data.txt").write_text("changed")
def test_deletes(): Path("data.txt").unlink()
def test_thread(): threading.Thread(target=threading.Event().wait, name="left", daemon=True).start()
def test_signal(): signal.signal(signal.SIGINT, signal.SIG_IGN)
def test_patch(): cart.total = None
def test_builtin(): builtins.open = None
def test_clean(tmp_path, monkeypatch):
    import this_is_only_imported
    monkeypatch.setenv("LEFT", "1"); monkeypatch.chdir(tmp_path); monkeypatch.setattr(cart, "total", None)
    Path("out.txt").write_text("x")
    worker = threading.Thread(target=print); worker.start(); worker.join()
def test_reads(): assert Path("data.txt").read_text() == "given"
"""


def test_what_a_test_leaves_behind_is_named_and_undone(tmp_path: Path) -> None:
    """Each leak is named; the next test and the work folder know nothing of it; an undone patch is none."""
    (tmp_path / "data.txt").write_text("given")
    (tmp_path / "this_is_only_imported.py").write_text("")
    expected = {
        "test_environment": ["environ: LEFT"],
        "test_folder": ["cwd"],
        "test_modules": ["sys.modules: planted"],
        "test_swapped": ["sys.modules: json"],
        "test_path": ["sys.path"],
        "test_file": ["file: out.txt in the work folder"],
        "test_folders": [f"file: {name} in the work folder" for name in ("a", "a/b", "a/b/c")],
        "test_overwrites": ["file: data.txt in the work folder"],
        "test_deletes": ["file: data.txt in the work folder"],
        "test_thread": ["thread: left"],
        "test_signal": ["signal: SIGINT"],
        "test_patch": ["patched: cart.total"],
        "test_builtin": ["builtins: open"],
        "test_clean": [],
        "test_reads": [],
    }
    ran = judge(tmp_path, LEAKS, *expected, rounds=1)
    assert {message["name"]: message["leaks"] for message in ran.all("alone")} == expected
    assert {message["outcome"] for message in ran.all("alone")} == {"passed"}
    assert ran.one("round")["left_out"] == [name for name, leaks in expected.items() if leaks]
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {"cart.py", "test_cart.py", "data.txt", "this_is_only_imported.py"}
    assert (tmp_path / "data.txt").read_text() == "given"


THREADS = """
import threading, time
from concurrent.futures import ThreadPoolExecutor
import cart, monitors

class Own(threading.Thread):
    def run(self): threading.Event().wait()

def test_monitor_of_a_library(): monitors.watch()
def test_monitor_of_the_module(): cart.watch()
def test_cached_pool_of_the_module(): assert cart.pool().apply(abs, (-1,)) == 1
def test_own_daemon(): threading.Thread(target=monitors.wait, name="own", daemon=True).start()
def test_own_class(): Own(name="own class", daemon=True).start()
def test_no_daemon_of_a_library(): monitors.watch(daemon=False)
def test_own_that_ends(): threading.Thread(target=time.sleep, args=(0.01,)).start()
def test_own_pool():
    with ThreadPoolExecutor(2) as pool: assert list(pool.map(abs, [-1, 2])) == [1, 2]
"""
MONITORS = """
import threading
def wait(): threading.Event().wait()
def watch(daemon=True): threading.Thread(target=wait, name="monitor", daemon=daemon).start()
"""
WATCHING = """
import functools, multiprocessing.pool
from monitors import watch
@functools.cache
def pool(): return multiprocessing.pool.ThreadPool(1)
"""


def test_a_thread_is_owed_by_who_started_it(tmp_path: Path) -> None:
    """A daemon that a library or the module keeps is no leak of the test; what the test itself starts must end."""
    (tmp_path / "monitors.py").write_text(MONITORS)
    expected = {
        "test_monitor_of_a_library": [],
        "test_monitor_of_the_module": [],
        "test_cached_pool_of_the_module": [],
        "test_own_daemon": ["thread: own"],
        "test_own_class": ["thread: own class"],
        "test_no_daemon_of_a_library": ["thread: monitor"],
        "test_own_that_ends": [],
        "test_own_pool": [],
    }
    ran = judge(tmp_path, THREADS, *expected, module=WATCHING)
    assert {message["name"]: message["leaks"] for message in ran.all("alone")} == expected
    assert {message["outcome"] for message in ran.all("alone")} == {"passed"}


BESIDE = """
import os, time
from pathlib import Path

def meet(name, other):
    Path(name).write_text("here")
    ends = time.monotonic() + 0.3
    while time.monotonic() < ends:
        assert not Path(other).exists()
        time.sleep(0.01)
def test_a(): meet("a.txt", "b.txt")
def test_b(): meet("b.txt", "a.txt")
def test_c(tmp_path): assert list(tmp_path.iterdir()) == []; (tmp_path / "mine").write_text("x")
def test_d(tmp_path): assert list(tmp_path.iterdir()) == []; (tmp_path / "mine").write_text("x")
def test_e(): assert not any(Path(name).exists() for name in ("a.txt", "b.txt"))
"""


@pytest.mark.parametrize("slots", [1, 2, 3])
def test_tests_that_run_beside_each_other_are_judged_as_if_alone(tmp_path: Path, slots: int) -> None:
    """Files that one leaves in the work folder are laid to its door only, and cost no other its verdict."""
    names = ["test_a", "test_b", "test_c", "test_d", "test_e"]
    ran = judge(tmp_path, BESIDE, *names, slots=slots)
    assert [message["name"] for message in ran.all("alone")] == names
    assert {message["name"]: message["outcome"] for message in ran.all("alone")} == dict.fromkeys(names, "passed")
    leaks = {message["name"]: message["leaks"] for message in ran.all("alone") if message["leaks"]}
    assert leaks == {f"test_{each}": [f"file: {each}.txt in the work folder"] for each in ("a", "b")}


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("assert time.strftime('%z') == BEFORE", "assert "),
        ("assert Path('test_cart.py').exists()", "assert False"),
        ("assert random.random() == FIRST", "assert "),
    ],
)
def test_a_test_that_depends_on_its_surroundings_fails_in_a_later_round(tmp_path: Path, body: str, detail: str) -> None:
    """Rounds vary time zone, working directory and random state; the first is as the user would run it."""
    tests = f"""
import random, time
from pathlib import Path
BEFORE = time.strftime("%z")
FIRST = random.Random(8).random()
def test_depends(): {body}
"""
    rounds = judge(tmp_path, tests, rounds=3, seed=7).all("round")
    assert [message["outcome"] for message in rounds] == ["passed", "failed", "failed"]
    (failed,) = rounds[1]["failed"]
    assert failed["item"] == "test_depends"
    assert detail in failed["detail"]


def test_rounds_shuffle_and_the_first_keeps_the_order_of_the_file(tmp_path: Path) -> None:
    """A test that needs another before it passes in the first round and fails in a shuffled one; a seed repeats it."""
    tests = "seen = []\n" + "".join(
        f"def test_{number}():\n    seen.append({number})\n    assert seen == sorted(seen)\n" for number in range(8)
    )
    first = judge(tmp_path, tests, rounds=2, seed=1).all("round")
    assert [message["outcome"] for message in first] == ["passed", "failed"]
    again = judge(tmp_path, tests, rounds=2, seed=1).all("round")
    assert first[1]["failed"] == again[1]["failed"]


@pytest.mark.parametrize(
    ("body", "outcome", "detail"),
    [("while True: pass", "timeout", "did not end in time"), ("os._exit(9)", "crashed", "exit status 9")],
)
def test_a_round_that_hangs_or_crashes_names_the_test_and_has_no_coverage(
    tmp_path: Path, body: str, outcome: str, detail: str
) -> None:
    """A round has its own deadline; coverage that was not measured is not sent."""
    tests = f"import os, cart\ndef test_a(): assert cart.total([]) == 0\ndef test_b():\n    {body}\n"
    ran = judge(tmp_path, tests, "test_a", rounds=1, round_seconds=1.0)
    message = ran.one("round")
    assert message["outcome"] == outcome
    assert [(item["item"], item["outcome"]) for item in message["failed"]] == [("test_b", outcome)]
    assert detail in message["failed"][0]["detail"]
    assert ran.all("coverage") == []
    assert ran.alone("test_a")["outcome"] == "passed"


@pytest.mark.parametrize(
    "deed",
    [
        "os.chdir('/')",
        "sys.path.clear()",
        "sys.stdout = sys.stderr = None",
        "sys.exit = os._exit = None",
        "builtins.open = None",
        "time.monotonic = json.dumps = os.fork = os.write = None",
        "signal.signal(signal.SIGCHLD, lambda *_: os.waitpid(-1, 0))",
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
        "signal.alarm(1)",
        "threading.Thread(target=threading.Event().wait, daemon=True).start()",
        "warnings.simplefilter('error')",
        "sys.setrecursionlimit(90)",
        "tempfile.tempdir = '/nowhere'",
        "print('x' * 100000)",
        "sys.path.insert(0, '/nowhere')",
        "os.environ.clear()",
    ],
)
def test_a_module_that_rearranges_the_process_is_judged_all_the_same(tmp_path: Path, deed: str) -> None:
    """The runner stands on references and settings of its own."""
    module = f"import builtins, json, os, signal, sys, tempfile, threading, time, warnings\n{deed}\n{CART}"
    tests = "import cart\ndef test_a(tmp_path): assert cart.total([2]) == 2\ndef test_b(): assert cart.total([]) == 1\n"
    ran = judge(tmp_path, tests, "test_a", "test_b", module=module, rounds=2)
    assert [message["outcome"] for message in ran.all("alone")] == ["passed", "failed"]
    assert [message["outcome"] for message in ran.all("round")] == ["passed", "passed"]
    assert ran.one("coverage")["lines"]


def test_settings_of_the_workspace_do_not_reach_the_run(tmp_path: Path) -> None:
    """Options in a pytest.ini, and a conftest.py above the work folder, are not those of the runner."""
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\nfilterwarnings = error\n")
    (tmp_path / "conftest.py").write_text("raise RuntimeError")
    work = tmp_path / "work"
    tests = "import warnings\ndef test_a(shared):\n    warnings.warn('careful')\n    assert shared == 1\n"
    files = {"conftest.py": "import pytest\n@pytest.fixture\ndef shared(): return 1\n"}
    work.mkdir()
    ran = run(work, {**files, "cart.py": CART, "test_cart.py": tests}, judge=["test_a"])
    assert ran.alone("test_a")["outcome"] == "passed"


def test_fixtures_of_every_scope_are_torn_down_with_their_test(tmp_path: Path) -> None:
    """A fork sets up and tears down what its test needs; a late error belongs to the test."""
    tests = """
    import pytest
    @pytest.fixture(scope="session")
    def session():
        yield []
        raise OSError("session")
    @pytest.fixture(scope="module")
    def module(session): return session
    def test_a(module): module.append(1); assert module == [1]
    def test_b(module): module.append(1); assert module == [1]
    """
    ran = judge(tmp_path, tests, "test_a", "test_b")
    assert {message["items"][0]["detail"].splitlines()[0] for message in ran.all("alone")} == {
        "in teardown: OSError: session"
    }
