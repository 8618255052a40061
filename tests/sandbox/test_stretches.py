"""The meter rests while only pytest runs, and misses nothing of the user's code, whoever calls it and when."""

from __future__ import annotations

import textwrap

import pytest

from headwater.pipeline.guest import RUNNER
from headwater.sandbox import Guest, Outcome, Workspace
from headwater.sandbox.opening import OpenSandbox
from tests.sandbox.inside import LIMITS, run

pytestmark = pytest.mark.alone

CALLERS = (
    *("import_of_tests", "parameters", "condition", "module_setup", "class_setup", "fixture", "fixture_end"),
    *("test", "thread", "method_setup", "unittest_setup", "unittest_cleanup", "finalizer", "property", "hook"),
)
MODULE = "\n".join(f"def {name}():\n    return True" for name in (*CALLERS, "nobody"))
TESTS = """
    import threading, unittest
    import pytest, thing

    VALUE = thing.import_of_tests()

    def setup_module(): thing.module_setup()
    def pytest_generate_tests(metafunc):
        if "made" in metafunc.fixturenames:
            metafunc.parametrize("made", [thing.parameters()])

    @pytest.fixture
    def held(request):
        request.addfinalizer(lambda: thing.finalizer())
        yield thing.fixture()
        thing.fixture_end()

    @pytest.mark.skipif("not __import__('thing').condition()", reason="never")
    def test_calls(held, made): assert thing.test()
    def test_starts():
        thread = threading.Thread(target=thing.thread)
        thread.start()
        thread.join()

    class TestOfClass:
        @classmethod
        def setup_class(cls): thing.class_setup()
        def setup_method(self): thing.method_setup()
        @property
        def looked_at(self): return thing.property()
        def test_plain(self): assert self.looked_at

    class TestOfUnittest(unittest.TestCase):
        def setUp(self):
            thing.unittest_setup()
            self.addCleanup(thing.unittest_cleanup)
        def test_plain(self): pass
"""
CONFTEST = """
    import thing

    def pytest_runtest_logreport(report): thing.hook()
"""
NAMES = ["test_calls", "test_starts", "TestOfClass::test_plain", "TestOfUnittest::test_plain"]


@pytest.mark.parametrize("conftest", [False, True])
async def test_every_line_of_the_module_that_ran_is_counted(sandbox: OpenSandbox, *, conftest: bool) -> None:
    """Imports, fixtures, threads and ends of fixtures are measured; with a conftest.py its hooks are as well."""
    files = {"thing.py": MODULE, "test_thing.py": textwrap.dedent(TESTS)}
    if conftest:
        files["conftest.py"] = textwrap.dedent(CONFTEST)
    room = await sandbox.room(Workspace(files={name: text.encode() for name, text in files.items()}))
    request = {"tests": "test_thing.py", "module": "thing", "source": "thing.py", "judge": NAMES, "rounds": 2}
    messages, ended = await run(room, Guest(path=RUNNER, request=request, limits=LIMITS))
    await room.close()
    assert ended.outcome is Outcome.DONE, ended
    assert [each["items"] for each in messages if each.get("outcome", "passed") != "passed"] == []
    missed = {"nobody"} if conftest else {"nobody", "hook"}
    expected = {name for name in (*CALLERS, "nobody") if name not in missed}
    (together,) = (each for each in messages if each["event"] == "coverage")
    assert called(together["lines"]) == expected
    assert set().union(*(called(each["lines"]) for each in messages if each["event"] == "alone")) == expected


def called(lines: list[int]) -> set[str]:
    """Names the functions of the module whose second line ran."""
    return {name for number, name in enumerate((*CALLERS, "nobody")) if 2 * number + 2 in lines}
