"""Code under test, and recorded answers of the `scripted` provider for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CART = Path(__file__).parents[1] / "data" / "demo" / "cart.py"
"""The module of the demo."""

SMALL = '''\
def sign(n: int) -> str:
    """Names the sign of a number."""
    if n < 0:
        return "negative"
    return "positive" if n else "zero"
'''

STEPS = "\n\n".join(f"def step_{i}(n):\n    return n + {i}" for i in range(10)) + "\n"
"""Ten functions, so that ten tests each cover something new."""


BRIEF = ("--budget", "60", "--executions", "500")
"""Options of a search that ends by its calls, with the clock in reserve."""


def request(content: str = SMALL, path: str = "small.py", **more: Any) -> dict[str, Any]:
    """Makes a request as JSON: a brief search."""
    return {"source": {"path": path, "content": content}, "limits": {"budget": "60s", "executions": 500}, **more}


def scripted(model: str, **more: Any) -> dict[str, Any]:
    """Makes a request that has a recorded answer played for the ten steps."""
    limits = {"budget": "60s"}
    return request(STEPS, "steps.py", provider=["scripted"], model=model, **{"limits": limits, **more})


def write_scripts(folder: Path) -> Path:
    """Records the answers: all ten tests at different paces, and one that never ends."""
    folder.mkdir()
    for model, pace in {"quick": 0.0, "brisk": 0.06, "steady": 0.2, "slow": 0.6}.items():
        _write(folder / f"{model}.jsonl", [_line(_IMPORT), *[_line(_test(i), pace) for i in range(10)]])
    # A test is known to be whole when the next one begins.
    endless = [_line(_IMPORT), _line(_test(0)), _line(_test(1)), {"text": "# {i}\n", "after": 0.05, "repeat": 100_000}]
    _write(folder / "endless.jsonl", endless)
    # Prose around fenced code is streamed like the rest, and belongs to no test.
    prose = {"text": f"{'x' * 200_000}\n", "after": 0.0, "repeat": 16}
    _write(folder / "bulky.jsonl", [_line(f"```python\n{_IMPORT}"), _line(f"{_test(0)}```\n"), prose])
    many_lines = {"text": f"# {'x' * 98}\n" * 2000, "after": 0.0, "repeat": 30}
    _write(folder / "laborious.jsonl", [_line(_IMPORT), many_lines, _line(_test(1))])
    return folder


_IMPORT = "import steps\n\n\n"


def _test(i: int) -> str:
    return f"def test_step_{i}_adds_{i}():\n    assert steps.step_{i}(1) == {i + 1}\n\n\n"


def _line(text: str, after: float = 0.0) -> Mapping[str, Any]:
    return {"text": text, "after": after}


def _write(path: Path, lines: list[Any]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
