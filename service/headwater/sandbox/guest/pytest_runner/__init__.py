"""Runs a file of tests against one module, and says what each test did: alone in a fork of its own, and all together.

A guest program: it runs under the user's interpreter (3.9 and later, pytest 7 and coverage 6.5 and later) and imports
nothing of Headwater. All of it is loaded before the module under test, which may replace whatever it likes.

Messages, each as soon as it is known, in this order (`Job` describes the request):
    import     ok, or kind, name (of a missing module), detail, line, restricted; after a failure nothing more is sent
    baseline   statements and branches of the source as coverage.py counts them; lines and taken of the import alone
    collected  tests, each with its items; errors, each with kind, detail, line
    alone      one for each judged test: outcome, items, seconds, lines, branches, leaks
    round      one for each round of all tests together: outcome, failed, seconds, left_out
    coverage   lines and branches of the first round, unless it did not end
    mutant     where mutants are asked for, one for each: number, line, what, function, outcome, killed_by, seconds
    mutants    the last: tests that took part, unfit ones, how many mutants were uncovered, equivalent and left
"""

# Plain os calls, since the code under test may patch pathlib, and each of these runs once per test or file.
from __future__ import annotations

import gc
import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from itertools import chain
from typing import Any

from coverage.exceptions import NoSource, NotPython

from .collect import Tests, collect, rehearse
from .detail import explain
from .items import Recorder
from .job import Job
from .measure import Meter
from .mutants import try_mutants
from .shelter import Shelter
from .stretches import Stretches
from .verdicts import Verdicts

Send = Callable[[dict[str, Any]], None]


_SOURCE = """
class Thing:
    def halve(self, value: float) -> float:
        if value > 2:  # a comment
            return value / 2
        return sum(number for number in [value])
"""
_TESTS = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test_nothing(number, tmp_path, monkeypatch, capsys):
    with pytest.raises(ValueError, match="no"):
        raise ValueError("no")
    assert number in [1, 2] and number == number, "a message"
"""


def main(request: dict[str, Any], send: Send) -> None:
    """Imports the module, collects its tests, judges each alone, then all together."""
    job = Job.read(request)
    shelter = Shelter.build()
    try:
        meter = _import_measured(job, shelter, send)
        if meter is not None:
            _run(job, meter, shelter, send)
    finally:
        shelter.remove()


def warm_up() -> None:
    """Does once, in the zygote, what every run would do first: a measurement and a collection, of next to nothing."""
    with tempfile.TemporaryDirectory() as folder:
        source, tests = os.path.join(folder, "next_to_nothing.py"), os.path.join(folder, "test_next_to_nothing.py")
        for file, text in ((source, _SOURCE), (tests, _TESTS)):
            with open(file, "w", encoding="utf-8") as opened:
                opened.write(text)
        Meter(source).rehearse()
        rehearse(tests)


def _import_measured(job: Job, shelter: Shelter, send: Send) -> Meter | None:
    """Imports the module under coverage; sends how it went and what it covered."""
    try:
        meter = Meter(job.source)
    except (NotPython, NoSource):
        meter = Meter(job.source, parse=False)  # The import says better what is wrong.
    _forget_namesake(job)
    meter.start()
    try:
        module = importlib.import_module(job.module)
    except BaseException as error:  # noqa: BLE001 — an import may also raise SystemExit, KeyboardInterrupt or its own
        send({"event": "import", "ok": False, **explain(error, job, home=job.source)})
        return None
    finally:
        meter.note()
        shelter.restore()
    origin = getattr(module, "__file__", None)
    if not meter.saw_anything and (origin is None or os.path.realpath(origin) != job.source):
        detail = job.known(f"{job.module} was imported from {origin}, not from {job.source}")
        send({"event": "import", "ok": False, "kind": "ImportError", "name": None, "detail": detail, "line": None})
        return None
    send({"event": "import", "ok": True})
    send({"event": "baseline", **meter.totals(), "lines": meter.lines(), "taken": meter.taken()})
    return meter


def _run(job: Job, meter: Meter, shelter: Shelter, send: Send) -> None:
    """Collects the tests and, inside pytest's session, judges them."""
    recorder = Recorder(job)

    def judge(tests: Tests) -> None:
        shelter.restore()
        meter.note()
        meter.acquaint(_OF_EACH_FORK)
        verdicts = Verdicts(job, meter, shelter, recorder)
        gc.freeze()  # A collection in a fork would touch, and so copy, every page of the parent.
        with shelter.undisturbed():
            alone = list[dict[str, Any]]()
            for message in chain(verdicts.alone(tests), verdicts.together(tests)):
                send(message)
                if message["event"] == "alone":
                    alone.append(message)
            if verdicts.coverage is not None:
                send({"event": "coverage", **verdicts.coverage})
            if job.mutation is not None:
                tried = try_mutants(
                    job, job.mutation, meter=meter, shelter=shelter, recorder=recorder, tests=tests, alone=alone
                )
                for message in tried:
                    send(message)

    stretches = Stretches(job, meter)
    stretches.begin()
    collect(job, shelter, [recorder, stretches], send, then=judge)


def _forget_namesake(job: Job) -> None:
    """Drops an already loaded package of the same name from elsewhere, so that the user's own is the one imported.

    A fresh interpreter with the work folder first on its path would have found the user's too.
    """
    top = job.module.partition(".")[0]
    loaded = getattr(sys.modules.get(top), "__file__", None)
    depth = job.module.count(".") + (os.path.basename(job.source) == "__init__.py")
    root = job.source
    for _ in range(depth + 1):
        root = os.path.dirname(root)
    if loaded is None or os.path.realpath(loaded).startswith(os.path.join(root, "")) or top in _INDISPENSABLE:
        return
    for name in [name for name in sys.modules if name == top or name.startswith(top + ".")]:
        del sys.modules[name]


_OF_EACH_FORK = [
    str(sys.modules[name].__file__)
    for name in (
        *("random", "threading", "copy", "re", "re._parser", "re._compiler", "sre_parse", "sre_compile"),
        *("_pytest.raises", "_pytest.python_api", "_pytest.recwarn", "_pytest._code.code", "_pytest._code.source"),
    )
    if name in sys.modules
]
"""Files whose functions most tests call for the first time."""
_INDISPENSABLE = frozenset({"pytest", "_pytest", "pluggy", "coverage", "importlib", "os", "sys"})
