"""Changes arguments a little: the moves of the search."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import random
import re
from typing import Any, Iterator, List, Sequence

MATES = {"(": ")", "[": "]", "{": "}", "<": ">"}
"""What closes what a mark opens."""
AGAIN = 0.3
"""How often one more move follows."""
FILLERS = ("1", "a")
"""What stands between the tokens of most texts."""
LONGEST = 400
"""Texts beyond this are not grown further."""


def mutate(text: str, tokens: Sequence[str], pool: Sequence[str], rng: random.Random) -> str:
    """Returns a neighbour of an expression; one from the pool where the expression is no literal."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        changed = _inside(text, tokens, rng) if not pool or rng.random() < 0.6 else ""  # noqa: PLR2004
        return changed or (rng.choice(pool) if pool else text)
    if pool and rng.random() < 0.15:  # noqa: PLR2004 — now and then a fresh start
        return rng.choice(pool)
    return repr(_value(value, tokens, rng, 0))


def _inside(text: str, tokens: Sequence[str], rng: random.Random) -> str:
    """Changes one literal within an expression that is none itself; empty where there is none to change."""
    if "tmp_path" in text:
        return ""
    tree = ast.parse(text, mode="eval")
    places = list(_literals(tree.body))
    if not places:
        return ""
    node = rng.choice(places)
    changed = ast.parse(repr(_value(ast.literal_eval(node), tokens, rng, 0)), mode="eval").body
    return ast.unparse(Replaced(node, changed).visit(tree))


def _literals(node: ast.expr) -> Iterator[ast.expr]:
    """Yields the largest parts of an expression that are literals."""
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from _literals(child)
            elif isinstance(child, ast.keyword):
                yield from _literals(child.value)
    else:
        yield node


class Replaced(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> Any:
        return self._new if node is self._old else self.generic_visit(node)


def _value(value: Any, tokens: Sequence[str], rng: random.Random, depth: int) -> Any:  # noqa: PLR0911 — one line per kind
    if isinstance(value, bool):
        return not value
    if value is None or depth > 3:  # noqa: PLR2004 — deeper changes are past reading
        return rng.choice((True, False, None))
    if isinstance(value, str):
        return _moved(value, tokens, rng)
    if isinstance(value, int):
        return rng.choice((value + 1, value - 1, -value, value * 2, value // 2, 0, 1, value * 10 + 7))
    if isinstance(value, float):
        return rng.choice((value + 1, value - 0.5, -value, value * 2, 0.0, float(round(value))))
    if isinstance(value, bytes):
        return _moved(value.decode("latin-1"), tokens, rng).encode("latin-1", "ignore")
    if isinstance(value, (list, tuple)):
        return type(value)(_items(list(value), tokens, rng, depth))
    if isinstance(value, dict):
        items = _items([list(item) for item in value.items()], tokens, rng, depth)
        return dict(each for each in items if _is_item(each))
    return value


def _is_item(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], (str, int, float, type(None)))  # noqa: PLR2004


def _items(values: List[Any], tokens: Sequence[str], rng: random.Random, depth: int) -> List[Any]:
    move = rng.random()
    if not values or move < 0.2:  # noqa: PLR2004
        values.insert(rng.randint(0, len(values)), rng.choice([0, 1, "a", None, *tokens, *values]))
    elif move < 0.4:  # noqa: PLR2004
        del values[rng.randrange(len(values))]
    elif move < 0.5 and len(values) > 1:  # noqa: PLR2004
        values.reverse()
    else:
        index = rng.randrange(len(values))
        values[index] = _value(values[index], tokens, rng, depth + 1)
    return values


def _closing(opening: str, tokens: Sequence[str], rng: random.Random) -> str:
    """Returns what may close what a token opens: its mirror image, else another token."""
    mirrored = "".join(MATES.get(mark, mark) for mark in reversed(opening))
    return mirrored if mirrored != opening or rng.random() < 0.5 else rng.choice(tokens)  # noqa: PLR2004


def _moved(text: str, tokens: Sequence[str], rng: random.Random) -> str:
    """Makes a move, now and then several: `pay` leads to `pay 1` where `pay ` alone leads nowhere."""
    text = _text(text, tokens, rng)
    while rng.random() < AGAIN:
        text = _text(text, tokens, rng)
    return text


def _text(text: str, tokens: Sequence[str], rng: random.Random) -> str:  # noqa: PLR0911 — one line per move
    """Inserts, puts around, replaces, deletes, repeats: mostly whole tokens, at places where tokens meet."""
    places = [
        0,
        len(text),
        *(match.start() for match in re.finditer(r"\W", text)),
        *(match.end() for match in re.finditer(r"\W", text)),
    ]
    at = rng.choice(places) if rng.random() < 0.7 else rng.randint(0, len(text))  # noqa: PLR2004
    move = rng.random()
    if move < 0.06 and tokens:  # noqa: PLR2004
        return rng.choice(tokens)
    if move < 0.5 and tokens and len(text) < LONGEST:  # noqa: PLR2004
        joint = rng.choice(("", "", "", "\n", " ", "\n    "))
        return f"{text[:at]}{joint}{rng.choice((*tokens, *FILLERS))}{text[at:]}"
    end = min(len(text), at + rng.choice((1, 1, 2, 4, 8)))
    if move < 0.56 and tokens and len(text) < LONGEST:  # noqa: PLR2004
        opening = rng.choice(tokens)
        return f"{text[:at]}{opening}{text[at:end] or 'a'}{_closing(opening, tokens, rng)}{text[end:]}"
    if move < 0.65:  # noqa: PLR2004
        return text[:at] + text[end:]
    if move < 0.75:  # noqa: PLR2004
        return text[:at] + rng.choice("a1 -_.:/\"'\n,=#{}[]()é0A") + text[end:]
    if move < 0.85 and len(text) < LONGEST:  # noqa: PLR2004
        return text[:at] + text[at:end] * 2 + text[end:]
    if move < 0.92:  # noqa: PLR2004
        return text[:at] + text[at:].swapcase()
    return text[:at] + rng.choice("a1 \n") + text[at:]
