"""The provider that plays a recorded answer."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import pytest

from headwater.errors import Code, Problem
from headwater.providers import Delta, Task, make_provider


async def never(program: Path, request: Mapping[str, Any], wall_seconds: float) -> AsyncGenerator[dict[str, Any], None]:
    raise AssertionError(f"a recorded answer needs no guest: {program} {request} {wall_seconds}")
    yield {}


async def play(folder: Path | None, model: str) -> list[Delta]:
    provider = make_provider("scripted", {"scripts": str(folder) if folder else ""})
    task = Task(source="", path="cart.py", module="cart", model=model, explore=never)
    return [delta async for delta in provider.stream(task)]


def script(folder: Path, name: str, *lines: Any) -> None:
    (folder / f"{name}.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\n")


async def test_lines_are_played_in_order_and_the_end_is_told(tmp_path: Path) -> None:
    """Every line is one delta; the last may say why the answer ended."""
    script(tmp_path, "cart", {"text": "import cart\n"}, {"text": "x = 1\n", "after": 0.001}, {"stopped_by": "plateau"})
    deltas = await play(tmp_path, "cart")
    assert [delta.text for delta in deltas] == ["import cart\n", "x = 1\n", ""]
    assert deltas[-1].stopped_by == "plateau"


async def test_a_repeated_line_is_filled_in_when_it_is_sent(tmp_path: Path) -> None:
    """A line for benchmarks carries its number and the clock's reading at the time of sending."""
    script(tmp_path, "load", {"repeat": 3, "after": 0, "text": "# {i:07d}:{monotonic_ns:016d} \n"})
    texts = [delta.text for delta in await play(tmp_path, "load")]
    assert [text[:10] for text in texts] == ["# 0000000:", "# 0000001:", "# 0000002:"]
    readings = [int(text.split(":")[1]) for text in texts]
    assert readings == sorted(readings)


async def test_other_braces_stay_as_they_are(tmp_path: Path) -> None:
    """Only the two fields are filled in; the braces of code are code."""
    script(tmp_path, "code", {"repeat": 1, "text": "x = {'a': {i}}\n"}, {"text": "y = {i}\n"})
    assert [delta.text for delta in await play(tmp_path, "code")] == ["x = {'a': 0}\n", "y = {i}\n"]


async def test_without_a_folder_it_refuses() -> None:
    """The refusal says what to set."""
    with pytest.raises(Problem) as caught:
        await play(None, "cart")
    assert (caught.value.code, caught.value.reason) == (Code.FAILED_PRECONDITION, "SCRIPTS_NOT_SET")


@pytest.mark.parametrize("model", ["other", "", "../secret", "/etc/passwd", "sub/cart", "cart.jsonl"])
async def test_an_unknown_script_is_refused_with_those_that_are_there(tmp_path: Path, model: str) -> None:
    """A model is a bare name: no part of a path leads out of the folder."""
    (tmp_path / "scripts").mkdir()
    script(tmp_path / "scripts", "cart", {"text": "x"})
    script(tmp_path, "secret", {"text": "x"})
    with pytest.raises(Problem) as caught:
        await play(tmp_path / "scripts", model)
    assert (caught.value.code, caught.value.reason) == (Code.NOT_FOUND, "SCRIPT_UNKNOWN")
    assert "cart" in caught.value.remedy


@pytest.mark.parametrize("line", ["{", "[]", '{"words": ""}', '{"text": 1}', '{"after": -1}', '{"repeat": true}'])
async def test_a_broken_line_is_refused_by_number(tmp_path: Path, line: str) -> None:
    """A script that cannot be played is refused before anything of it is."""
    (tmp_path / "bad.jsonl").write_text('{"text": "x"}\n' + line + "\n")
    with pytest.raises(Problem) as caught:
        await play(tmp_path, "bad")
    assert (caught.value.reason, caught.value.metadata["line"]) == ("SCRIPT_BROKEN", "2")
