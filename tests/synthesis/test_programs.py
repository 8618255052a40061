"""Programs are tested as they are used: by their command line, what they read and what they print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headwater.synthesis.guest.apps import command_lines

if TYPE_CHECKING:
    from tests.synthesis.conftest import Project

CLICK = """
import click


@click.group()
def tool() -> None:
    '''Does things.'''


@tool.command()
@click.argument("name")
@click.option("--count", type=int, default=1)
@click.option("--style", type=click.Choice(["plain", "loud"]), default="plain")
def hello(name: str, count: int, style: str) -> None:
    if count < 1:
        raise click.BadParameter("count must be positive")
    for _ in range(count):
        click.echo(name.upper() if style == "loud" else name)
"""
ARGV = """
import argparse


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--loud", action="store_true")
    options = parser.parse_args(argv)
    if options.times > 1:
        print(options.name * options.times)
    elif options.loud:
        print(options.name.upper())
    return 0


def shout():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default="nobody")
    options = parser.parse_args()
    if options.name != "nobody":
        return options.name.upper()
    return None
"""
STREAMS = """
import logging
import sys


def count() -> int:
    total = 0
    for line in sys.stdin:
        if line.strip():
            total += 1
    return total


def fail(message: str) -> None:
    print("error: " + message, file=sys.stderr)
    logging.warning("failed")
    sys.exit(3)
"""


@pytest.mark.parametrize("source", [CLICK, ARGV, STREAMS], ids=["click", "argv", "streams"])
async def test_every_branch_of_a_program_is_reached_by_green_tests(project: Project, source: str) -> None:
    """Commands, options, choices and what is read from standard input: all are found, all tests pass."""
    project.write("app.py", source)
    answer = await project.ask("app")
    assert answer.reached[-1].branches_covered == answer.reached[-1].branches_total
    for order in ("", "1"):
        status, output = await project.run(answer.text, order)
        assert status == 0, output


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (CLICK, "CliRunner().invoke(hello, ["),
        (CLICK, "assert result.exit_code == 2"),
        (CLICK, "assert result.output == 'abc\\n'"),
        (CLICK, "def test_hello_exits_with_0"),
        (ARGV, "main(['abc', '--times', '2'])"),
        (ARGV, "monkeypatch.setattr('sys.argv', ['prog', '--name', "),
        (ARGV, "assert ended.value.code == 2"),
        (ARGV, "== 'ABC\\n'"),
        (STREAMS, "monkeypatch.setattr('sys.stdin', io.StringIO('"),
        (STREAMS, "assert capsys.readouterr().err == 'error: hello there\\n'"),
        (STREAMS, "assert ended.value.code == 3"),
    ],
)
async def test_each_way_to_use_a_program_has_its_form(project: Project, source: str, expected: str) -> None:
    """The runner of click, arguments or a patched argv, a stream to read; codes, output and errors are asserted."""
    project.write("app.py", source)
    text = (await project.ask("app")).text
    assert expected in text.replace('"', "'")
    assert "usage: " not in text.lower()


def test_command_lines_are_made_of_the_options_that_are_named() -> None:
    """Each option comes alone, with a value and beside what is positional; words are tried as commands."""
    lines = command_lines(["--times", "-v", "a sentence", "add"])
    for line in (["abc", "--times", "2"], ["abc", "-v"], ["add"]):
        assert line in lines
    assert not any("a sentence" in line for line in lines)
