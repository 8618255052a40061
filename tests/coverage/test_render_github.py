"""Workflow commands: one a line, escaped as the runner reads them, no more than GitHub shows."""

import re

from headwater.render import github
from headwater.render.words import plain

from .analyses import HOSTILE, hostile, many

COMMAND = re.compile(r"^::(error|warning|notice) ([^:]*)::(.*)$")


def unescaped(text: str, *, named: bool = False) -> str:
    """Reads a value as the runner does."""
    pairs = [("%0D", "\r"), ("%0A", "\n"), *([("%3A", ":"), ("%2C", ",")] if named else []), ("%25", "%")]
    for escaped, meant in pairs:
        text = text.replace(escaped, meant)
    return text


def test_every_line_is_a_command_or_the_summary() -> None:
    """A name with a line break, colons and percent signs begins no command of its own, and comes out as it went in."""
    *commands, summary = github.render(hostile()).splitlines()
    assert not summary.startswith("::")
    assert len(commands) == 8
    for line in commands[1:]:
        found = COMMAND.match(line)
        assert found is not None, line
        properties = dict(each.split("=", 1) for each in found[2].split(","))
        assert properties.keys() == {"file", "line", "endLine", "title"}
        assert unescaped(properties["file"], named=True) in {plain(HOSTILE), "shop/pay.py"}


def test_no_level_has_more_than_github_shows() -> None:
    """Ten of a level, and a line that counts what there is."""
    lines = github.render(many(25)).splitlines()
    assert sum(line.startswith("::notice ") for line in lines) == 10
    assert "25 gaps" in lines[-1]
