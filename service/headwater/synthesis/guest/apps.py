"""Makes command lines: for click commands from what they declare, for other programs from the options they name."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import re
from typing import Any, Iterator, List, Sequence

OPTION = re.compile(r"--?[A-Za-z][\w-]*")
WORD = re.compile(r"[a-z][a-z0-9_-]*")
CALLED_SO = frozenset({"argv", "args", "arguments", "cli_args", "command_line", "args_list"})
"""What parameters are called that hold a command line."""
PARSERS = ("ArgumentParser", "OptionParser", "getopt", "argv")
"""Names that a module uses which reads command lines."""
MOST = 40
"""How many command lines of one program are tried."""
WORDS = 6
"""How many words are tried as commands or choices."""
VALUES = {"integer": "3", "float": "1.5", "boolean": "true", "uuid": "12345678-1234-5678-1234-567812345678"}
"""A value of each type of click's that is not a text."""


def command_lines(strings: Sequence[str]) -> List[List[str]]:
    """Returns command lines of a program by the strings that it names."""
    options = [each for each in strings if OPTION.fullmatch(each)]
    words = [each for each in strings if WORD.fullmatch(each)][:WORDS]
    found: List[List[str]] = [["abc"], [], ["abc", "2"]]
    for option in options:
        found += [["abc", option], ["abc", option, "2"], [option], [option, "2"]]
    found += [line for word in words for line in ([word], [word, "abc"])]
    found += [["abc", *(part for option in options for part in (option, "2"))], ["abc", "--unknown"]]
    return found[:MOST]


def is_command(value: Any) -> bool:
    """Whether an object is a command of click's."""
    kinds = {(kind.__module__.partition(".")[0], kind.__name__) for kind in type(value).__mro__}
    return ("click", "Command") in kinds


def command_arguments(command: Any) -> List[List[str]]:
    """Returns arguments for a command of click's: what it requires, each option, each choice, and mistakes."""
    return list(_arguments(command))[:MOST]


def _arguments(command: Any) -> Iterator[List[str]]:
    needed = [part for each in command.params if each.required for part in _given(each, _value(each))]
    yield needed
    for each in command.params:
        rest = [part for other in command.params if other.required and other is not each
                for part in _given(other, _value(other))]  # fmt: skip
        for value in [*list(getattr(each.type, "choices", ())), _value(each), "", "0", "-1", "wrong"]:
            yield [*_given(each, str(value)), *rest]
    for name, inner in getattr(command, "commands", {}).items():
        yield from ([*needed, name, *line] for line in _arguments(inner))
    yield []
    yield [*needed, "--unknown"]


def _given(parameter: Any, value: str) -> List[str]:
    """Writes a parameter with a value as a command line does: options by name, flags without a value."""
    if parameter.param_type_name == "argument":
        return [value] * max(1, parameter.nargs)
    flag = getattr(parameter, "is_flag", False) or getattr(parameter, "count", False)
    return [parameter.opts[0]] if flag else [parameter.opts[0], *[value] * max(1, parameter.nargs)]


def _value(parameter: Any) -> str:
    choices = [str(each) for each in getattr(parameter.type, "choices", ())]
    return choices[0] if choices else VALUES.get(parameter.type.name, "abc")
