"""What the tests of the provider that asks a model share: what is asked for, and how what it says is put together."""

from __future__ import annotations

import ast
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

from headwater.pipeline.pieces import Piece, Splitter
from headwater.pipeline.prompted import Prompted, PromptedOptions
from headwater.pipeline.segments import SegmentLimits
from headwater.pipeline.wording import load_templates
from headwater.providers import Delta, Task
from tests.fakes.model import RecordedModel

SOURCE = """\
import math

from tools.round import rounded


def half(number):
    if number % 2:
        raise ValueError("odd")
    return number // 2


def area(radius):
    return rounded(math.pi * radius**2)


if __name__ == "__main__":
    print(half(4))
"""
FILES = {"tools/round.py": "def rounded(x):\n    return round(x)\n"}
APART = SegmentLimits(whole_lines=1)
HALF = """\
Here you are:

```python
import pytest
from shapes import half


def test_half_of_even():
    assert half(4) == 2


def test_half_of_odd():
    with pytest.raises(ValueError):
        half(3)
```

I hope that helps.
"""
TEST_IT = "\n\ndef test_it():\n    assert {}\n"
AREA = """\
```python
from shapes import area


@pytest.fixture
def radius():
    return 1


def test_area(radius):
    assert area(radius) == 3
```
"""


async def explore(program: Path, request: Any, wall_seconds: float) -> AsyncGenerator[dict[str, Any], None]:
    """Nobody searches here."""
    for message in ():
        yield message


TASK = Task(source=SOURCE, path="shapes.py", module="shapes", budget_seconds=20.0, read=FILES.get, explore=explore)


class Heard:
    """What a provider has said, put together as a pipeline does."""

    def __init__(self, deltas: Sequence[Delta]) -> None:
        self.deltas = deltas
        self.text = ""
        for delta in deltas:
            self.text = self.text[: len(self.text) - delta.withdrawn] + delta.text
            if delta.whole:
                ast.parse(self.text)
        self.last = deltas[-1]
        self.left_out = [each for delta in deltas for each in delta.left_out]
        self.notes = {note.test_name: note.symbol for delta in deltas for note in delta.notes}

    @property
    def pieces(self) -> list[Piece]:
        splitter = Splitter()
        return [*splitter.feed(self.text), *splitter.close()]

    @property
    def tests(self) -> list[str]:
        return [each.name for each in self.pieces if each.kind == "test"]


async def hear(provider: Prompted, task: Task = TASK) -> Heard:
    return Heard([delta async for delta in provider.stream(task)])


def prompted(model: RecordedModel, **options: Any) -> Prompted:
    return Prompted(model, load_templates(), PromptedOptions(**{"segment": APART, **options}))
