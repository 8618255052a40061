"""Mutants of the module under test take effect wherever its code lives, and say which tests notice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .test_pytest_runner import CART, Ran, run

TOTALS = """
import cart, pytest

def test_sum(): assert cart.total([2, 3], 0.5) == 7.5
def test_negative():
    with pytest.raises(ValueError):
        cart.total([-1])
"""


def mutate(work: Path, module: str, tests: str, *names: str, **mutation: Any) -> Ran:
    """Tries mutants of the cart module on its tests and expects the runner to come to its end."""
    asked = {"seconds": 60, **mutation}
    ran = run(work, {"cart.py": module, "test_cart.py": tests}, judge=list(names), mutation=asked)
    assert ran.status == 0, ran.printed
    return ran


def outcomes(ran: Ran) -> dict[str, str]:
    return {message["what"]: message["outcome"] for message in ran.all("mutant")}


def test_a_mutant_tells_where_it_is_and_who_killed_it(tmp_path: Path) -> None:
    """Each message names the change, its line and function, and the first test that failed of it."""
    ran = mutate(tmp_path, CART, TOTALS, "test_sum", "test_negative")
    (removed,) = [message for message in ran.all("mutant") if message["what"].startswith("`raise")]
    told = {key: removed[key] for key in ("line", "function", "what", "outcome", "killed_by")}
    assert told == {
        "line": 6,
        "function": "total",
        "what": "`raise ValueError('negative')` was removed",
        "outcome": "killed",
        "killed_by": ["test_negative"],
    }
    assert outcomes(ran)["`price < 0` became `price <= 0`"] == "survived"
    end = ran.one("mutants")
    assert ran.messages[-1] is end
    assert (sorted(end["tests"]), end["unfit"], end["left"]) == (["test_negative", "test_sum"], [], 0)


def test_a_matrix_names_every_test_that_notices(tmp_path: Path) -> None:
    """Without it the first that notices is enough; with it one that would fail as well is found behind that one."""
    tests = TOTALS + "def test_again(): assert cart.total([4]) == 4\n"
    names = ("test_sum", "test_again", "test_negative")
    what = "`result += price` became `result -= price`"
    for matrix, killers in ((False, ["test_sum"]), (True, ["test_sum", "test_again"])):
        ran = mutate(tmp_path, CART, tests, *names, matrix=matrix)
        (found,) = [message for message in ran.all("mutant") if message["what"] == what]
        assert found["killed_by"] == killers


def test_the_first_that_notices_is_the_first_that_was_asked_for(tmp_path: Path) -> None:
    """However long a test takes, it has the merit before those that are named behind it."""
    slow = "def test_slow():\n    assert [cart.total([price]) for price in range(2000)] == [*range(2000)]\n"
    ran = mutate(tmp_path, CART, TOTALS + slow, "test_slow", "test_sum", "test_negative")
    what = "`result += price` became `result -= price`"
    (found,) = [message for message in ran.all("mutant") if message["what"] == what]
    assert found["killed_by"] == ["test_slow"]


KINDS = {
    "method": "class Cart:\n    def get(self):\n        return 40 + 2\ndef f(): return Cart().get()",
    "static": "class Cart:\n    @staticmethod\n    def get():\n        return 40 + 2\nf = Cart.get",
    "class method": "class Cart:\n    @classmethod\n    def get(cls):\n        return 40 + 2\nf = Cart.get",
    "property": "class Cart:\n    @property\n    def get(self):\n        return 40 + 2\ndef f(): return Cart().get",
    "private": "class Cart:\n    def __get(self):\n        return 40 + 2\n    def get(self): return self.__get()\n"
    "def f(): return Cart().get()",
    "super": "class Base:\n    def __init__(self): self.x = 1\nclass Cart(Base):\n    def __init__(self):\n"
    "        super().__init__()\n        self.y = 40 + 2\ndef f(): return Cart().y",
    "decorated": "import functools\ndef twice(f):\n    @functools.wraps(f)\n    def inner():\n        return f()\n"
    "    return inner\n@twice\ndef f():\n    return 40 + 2",
    "hidden": "def hide(f):\n    def inner():\n        return f()\n    return inner\n"
    "@hide\ndef f():\n    return 40 + 2",
    "wrapper": "def plus(f):\n    def inner():\n        return f() + 40 + 2\n    return inner\n"
    "@plus\ndef f():\n    return 0",
    "cached": "import functools\n@functools.lru_cache\ndef f():\n    return 40 + 2\nf()",
    "closure": "def make():\n    def f():\n        return 40 + 2\n    return f\nf = make()",
    "generator": "def g():\n    yield 40 + 2\ndef f(): return next(g())",
    "coroutine": "import asyncio\nasync def g():\n    return 40 + 2\ndef f(): return asyncio.run(g())",
    "default": "def f(n=40 + 2):\n    return n",
    "keyword default": "def f(*, n=40 + 2):\n    return n",
    "lambda": "f = lambda: 40 + 2",
    "constant": "N = 40 + 2\ndef f(): return N",
    "attribute": "class Cart:\n    n = 40 + 2\ndef f(): return Cart().n",
    "field": "import dataclasses\n@dataclasses.dataclass\nclass Cart:\n    n: int = 40 + 2\ndef f(): return Cart().n",
    "called at import": "def g():\n    return 40 + 2\nN = g()\ndef f(): return N",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutant_takes_effect_wherever_the_code_lives(tmp_path: Path, kind: str) -> None:
    """A sum is wrong after a change in a function of any kind, a default, a constant or what runs at import only."""
    tests = "from cart import f\ndef test_f(): assert f() == 42"
    found = outcomes(mutate(tmp_path, KINDS[kind], tests, "test_f"))
    sums = {what: outcome for what, outcome in found.items() if "40" in what and "became" in what}
    assert sums, found
    assert set(sums.values()) == {"killed"}
    assert "skipped" not in found.values()


OPERATORS = """
import logging
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    N = 1
logger = logging.getLogger("cart")
def f(a: int = 1, b="t", *, c=()) -> "int":
    '''Says 1.'''
    logger.debug("f %s", 1)
    while a < 3 and b != "u" or not c:
        a += 1
        if a is None or a in (7, 8) or a == 9:
            break
        if -a >= 5 or ~a > 4:
            continue
        c = c or (a,)
    try:
        d = [a * 2, a - 1, a % 4, a ** 2, a // 2, a / 2, a & 1, a | 2, a ^ 3, a << 1, a >> 1]
        d[0] = max(a, 3, key=abs)
        d.append(True)
        d[99] = 1
    except IndexError:
        d = d[1:-1]
    for each in d:
        del each
    if len(d) <= 2:
        raise ValueError(f"short {a}", b"raw")
    return d if b else 3.5
"""
CHANGES = [
    "`a < 3` became `a <= 3`",
    "`a < 3` became `a >= 3`",
    "`b != 'u'` became `b == 'u'`",
    "`a is None` became `a is not None`",
    "`a in (7, 8)` became `a not in (7, 8)`",
    "`-a >= 5` became `-a > 5`",
    "`-a` became `a`",
    "`~a` became `a`",
    "`not c` became `c`",
    "`c or (a,)` became `c and (a,)`",
    "`a += 1` became `a -= 1`",
    "`break` became `continue`",
    "`a * 2` became `a // 2`",
    "`a - 1` became `a + 1`",
    "`a % 4` became `a * 4`",
    "`a ** 2` became `a * 2`",
    "`a // 2` became `a * 2`",
    "`a / 2` became `a * 2`",
    "`a & 1` became `a | 1`",
    "`a | 2` became `a & 2`",
    "`a ^ 3` became `a & 3`",
    "`a << 1` became `a >> 1`",
    "`a >> 1` became `a << 1`",
    "`d[0] = max(a, 3, key=abs)` was removed",
    "`max(a, 3, key=abs)` became `max(a, 3)`",
    "`max(a, 3, key=abs)` became `max(3, a, key=abs)`",
    "`d.append(True)` was removed",
    "`True` became `False`",
    "`except IndexError: d = d[1:-1]` became `except IndexError: pass`",
    "`except IndexError: d = d[1:-1]` became `except Exception: d = d[1:-1]`",
    "`1:-1` became `:-1`",
    "`1:-1` became `1:`",
    "`d` became `()`",
    "`len(d) <= 2` became `not len(d) <= 2`",
    "`len(d) <= 2` became `False`",
    "`return d if b else 3.5` became `return None`",
    "`b` became `not b`",
    "`3.5` became `4.5`",
    "`'t'` became `'XXt'`",
    "`'t'` became `''`",
    "`1` became `2`",
    "`1` became `0`",
]


def test_every_operator_has_its_mutants_and_idle_text_has_none(tmp_path: Path) -> None:
    """From comparisons to defaults; but log lines, types, docstrings and what only checkers read have none."""
    tests = "import cart\ndef test_f():\n    cart.f()\n    cart.f(2, '')\n    cart.f(8)"
    ran = mutate(tmp_path, OPERATORS, tests, "test_f", what_chars=600)
    assert [what for what in CHANGES if what not in outcomes(ran)] == []
    lines = {message["line"] for message in ran.all("mutant")}
    assert lines.isdisjoint({4, 5, 6, 8, 9})
    assert ran.one("mutants")["uncovered"] > 0
    assert all(message["line"] != 27 for message in ran.all("mutant")), "no test comes there"


def test_what_compiles_to_the_same_is_no_mutant(tmp_path: Path) -> None:
    """A condition that is known beforehand and a change that another one makes too are left out, and counted."""
    module = "def f(x):\n    if False:\n        return 1\n    return x == 1 or x == 1\n"
    ran = mutate(tmp_path, module, "import cart\ndef test_f(): assert cart.f(1)", "test_f")
    assert ran.one("mutants")["equivalent"] > 0
    assert not any(message["line"] == 3 for message in ran.all("mutant"))


def test_a_mutant_that_never_ends_is_ended(tmp_path: Path) -> None:
    """One that loops runs out of CPU time, one that waits out of patience; both count as noticed, others go on."""
    module = """
import threading
def f(n):
    while n > 0:
        n -= 1
    return n
def g(flag=True):
    done = threading.Event()
    if flag:
        done.set()
    done.wait()
    return 1
"""
    tests = "import cart\ndef test_f(): assert cart.f(3) == 0\ndef test_g(): assert cart.g() == 1"
    ran = mutate(tmp_path, module, tests, "test_f", "test_g", wall_seconds=2.0, cpu_seconds=0.3)
    found = outcomes(ran)
    assert found["`n -= 1` was removed"] == "timeout"
    assert found["`done.set()` was removed"] == "timeout"
    assert found["`n > 0` became `n >= 0`"] == "killed"
    assert found["`1` became `2`"] == "killed"


def test_a_mutant_that_ends_or_breaks_the_process_is_killed(tmp_path: Path) -> None:
    """An exit, a crash of the interpreter and an import that fails are noticed by whoever runs them."""
    module = "import os\nLIMIT = int('4')\ndef f(n):\n    if n > 3:\n        os._exit(0)\n    return LIMIT\n"
    ran = mutate(tmp_path, module, "import cart\ndef test_f(): assert cart.f(1) == 4", "test_f")
    found = outcomes(ran)
    assert found["`n > 3` became `True`"] == "killed"
    assert found["`int('4')` became `int()`"] == "killed"
    assert found["`'4'` became `'XX4'`"] == "killed"


def test_the_work_folder_is_as_it_was(tmp_path: Path) -> None:
    """Mutants that write elsewhere, or remove what is there, leave no trace; tests get folders of their own."""
    module = """
import os
def keep(folder, name):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write("kept")
    if not os.path.exists(path):
        os.remove("data.txt")
    return path
"""
    tests = """
import cart
def test_keep(tmp_path):
    (tmp_path / "x").mkdir()
    assert open(cart.keep(str(tmp_path), "a")).read() == "kept"
"""
    (tmp_path / "data.txt").write_text("mine")
    ran = mutate(tmp_path, module, tests, "test_keep")
    assert len(ran.all("mutant")) > 5
    assert sorted(each.name for each in tmp_path.iterdir()) == ["cart.py", "data.txt", "test_cart.py"]
    assert (tmp_path / "data.txt").read_text() == "mine"


def test_ids_and_order_are_the_same_each_time_and_a_cap_samples_all_functions(tmp_path: Path) -> None:
    """The first mutants are spread over the functions; those asked for by line or by id are the same ones."""
    module = "".join(f"def f{n}(x):\n    y = x + {n}\n    return y * 2 if y > {n} else x\n" for n in range(6))
    tests = "import cart\ndef test_all():\n    for n in range(6): assert getattr(cart, f'f{n}')(1) == (1 + n) * 2"
    ran = mutate(tmp_path, module, tests, "test_all", most=6)
    assert {message["function"] for message in ran.all("mutant")} == {f"f{n}" for n in range(6)}
    assert ran.one("mutants")["left"] > 0
    again = mutate(tmp_path, module, tests, "test_all", most=6)
    ids = sorted(message["id"] for message in ran.all("mutant"))
    assert sorted(message["id"] for message in again.all("mutant")) == ids
    narrowed = mutate(tmp_path, module, tests, "test_all", lines=[3], numbers=[*ids, *range(20)])
    assert {message["line"] for message in narrowed.all("mutant")} == {3}


def test_a_few_entries_stand_for_a_long_table(tmp_path: Path) -> None:
    """Thousands of constants at the top of a module do not take the time that the functions need."""
    module = f"TABLE = {list(range(3000))}\ndef f(n):\n    return TABLE[n] + 1\n"
    ran = mutate(tmp_path, module, "import cart\ndef test_f(): assert cart.f(7) == 8", "test_f", most=9)
    end = ran.one("mutants")
    assert 20 < end["left"] < 300
    assert "f" in {message["function"] for message in ran.all("mutant")}


def test_without_time_nothing_is_tried_and_all_is_left(tmp_path: Path) -> None:
    """The cap in time holds from the start, and what was not tried is counted."""
    ran = mutate(tmp_path, CART, TOTALS, "test_sum", "test_negative", seconds=0)
    assert ran.all("mutant") == []
    assert ran.one("mutants")["left"] > 10


def test_tests_that_fail_unmutated_take_no_part(tmp_path: Path) -> None:
    """One that fails alone, or only behind another, would kill every mutant."""
    tests = TOTALS + (
        "def test_wrong(): assert cart.total([1]) == 2\n"
        "def test_first(): cart.seen = True\n"
        "def test_second(): assert not hasattr(cart, 'seen'), cart.total([])\n"
    )
    names = ("test_sum", "test_negative", "test_wrong", "test_first", "test_second")
    ran = mutate(tmp_path, CART, tests, *names, matrix=True)
    taking_part = set(ran.one("mutants")["tests"])
    assert "test_wrong" not in taking_part
    assert {"test_sum", "test_negative"} <= taking_part
    assert all(set(message["killed_by"]) <= taking_part for message in ran.all("mutant"))


def test_messages_are_bounded(tmp_path: Path) -> None:
    """A long text is cut, and so is a long list of names."""
    module = f"def f():\n    return {'x' * 5000!r}\n"
    tests = "import cart\n" + "".join(f"def test_{n}(): assert len(cart.f()) == 5000\n" for n in range(5))
    names = [f"test_{n}" for n in range(5)]
    ran = mutate(tmp_path, module, tests, *names, matrix=True, killers=3, what_chars=90)
    for message in ran.all("mutant"):
        assert len(json.dumps(message)) < 400
        assert len(message["killed_by"]) == 3
