"""Functions that change the interpreter around them: the search goes on, and what is written passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.synthesis.conftest import Project

DEEDS = {
    "exits": "sys.exit(3)",
    "forks": "os.fork() or os._exit(0)",
    "prints": 'print("x" * 10_000_000)',
    "recurses": "return hostile(x + 1)",
    "moves": 'os.chdir("/")',
    "ignores signals": "signal.signal(signal.SIGALRM, signal.SIG_IGN)",
    "starts threads": "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
    "leaves a loop": "asyncio.set_event_loop(asyncio.new_event_loop())",
    "stops tracing": "sys.settrace(None)",
    "closes output": "sys.stdout.close()",
    "lowers recursion": "sys.setrecursionlimit(60)",
    "empties the path": "sys.path.clear()",
    "forgets modules": 'sys.modules.pop("ast", None)',
    "replaces print": "builtins.print = None",
    "takes memory": "return bytearray(1 << 40)",
    "shuffles": "random.seed(x)",
    "changes the environment": "os.environ.clear()",
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS.keys())
async def test_what_a_function_does_to_the_interpreter_does_not_stop_the_search(project: Project, deed: str) -> None:
    """The functions before and behind a hostile one are tested, and every test passes in a fresh process."""
    names = "asyncio, builtins, os, random, signal, sys, threading, time"
    functions = f"def first(x: int) -> int:\n    return x + 1\n\n\ndef hostile(x: int):\n    {deed}\n"
    project.write("deeds.py", f"import {names}\n\n\n{functions}\n\ndef last(x: int) -> int:\n    return -x\n")
    answer = await project.ask("deeds", {"stall": 40}, executions=640, budget_seconds=20.0)
    assert {note.symbol for note in answer.notes} >= {"first", "last"}
    status, output = await project.run(answer.text)
    assert status == 0, output
