"""Writes pieces of Python as the formatter would leave them: literals, tables of cases, whole files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headwater.synthesis.project.python import NOTICE, WIDTH, quoted


def literal(value: object) -> str:
    """Returns a literal of a text, a number, a truth or nothing."""
    return quoted(value) if isinstance(value, str) else repr(value)


def cases(names: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Returns the lines that run a test for each row; the cells are expressions."""
    named = quoted(names[0]) if len(names) == 1 else f"({', '.join(map(quoted, names))})"
    written = [each[0] if len(names) == 1 else f"({', '.join(each)})" for each in rows]
    short = f"@pytest.mark.parametrize({named}, [{', '.join(written)}])"
    if len(names) == 1 and len(short) <= WIDTH:
        return [short]
    return [
        "@pytest.mark.parametrize(",
        f"    {named},",
        "    [",
        *(f"        {each}," for each in written),
        "    ],",
        ")",
    ]


def function(head: str, about: str, *body: str, before: Sequence[str] = ()) -> list[str]:
    """Returns the lines of a test: what stands before it, its head, what it is about, and what it does."""
    return [*before, f"def {head} -> None:", f'    """{about}"""', *(f"    {each}" for each in body if each)]


def module(about: str, imports: Sequence[str], blocks: Iterable[Sequence[str]], constants: Sequence[str] = ()) -> str:
    """Returns a file: what it is about, groups of imports, constants, and blocks two lines apart."""
    lines = [f'"""{about}', "", NOTICE, '"""', "", *imports]
    if constants:
        lines += ["", *constants]
    for block in blocks:
        lines += ["", "", *block]
    return "\n".join(lines) + "\n"
