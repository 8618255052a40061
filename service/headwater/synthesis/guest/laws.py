"""Finds what holds for every input: functions that undo each other, functions that change nothing the second time.

Candidates are found by name, as their authors tell them; each is tried with many inputs, and one that refutes it is
enough. A law is a target of its own whose `callee` is a template: `decode(encode({0}))`.
"""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Dict, Iterator, List, Sequence, Tuple

from . import basis
from .calls import OMITTED, Call
from .hunts import Kept
from .inventory import Inventory, Target
from .misuse import is_misuse
from .observing import Observer, Unfit
from .shapes import PLAIN, is_idle, shape_of
from .stage import Stage

INVERSE: Sequence[Tuple[str, str]] = (
    ("encode", "decode"), ("dumps", "loads"), ("dump", "load"), ("serialize", "deserialize"), ("marshal", "unmarshal"),
    ("pack", "unpack"), ("escape", "unescape"), ("quote", "unquote"), ("compress", "decompress"), ("zip", "unzip"),
    ("encrypt", "decrypt"), ("to", "from"), ("hexlify", "unhexlify"), ("flatten", "unflatten"), ("wrap", "unwrap"),
    ("format", "parse"), ("render", "parse"), ("unparse", "parse"), ("stringify", "parse"), ("join", "split"),
    ("camelize", "underscore"), ("shuffle", "unshuffle"), ("asdict", "fromdict"), ("structure", "unstructure"),
)  # fmt: skip
"""Words for doing and undoing, of which one stands in the one name where the other stands in the other."""
SETTLING = re.compile(
    r"(^|_)(normali[sz]e|clean|strip|trim|canonical\w*|saniti[sz]e|dedent|slugify|sort(ed)?|unique|dedup\w*|squeeze"
    r"|simplify|remove|lower|upper|squash|collapse|reduce|tidy)(_|$)"
)
"""Names of functions that have nothing left to do the second time."""
INPUTS = 24
"""How many inputs a law is tried with."""
ROWS = 4
"""How many of them a test shows."""
LEAST = 2
"""With fewer than so many that look different, nothing is shown."""


@dataclass(frozen=True)
class Law:
    """What is to hold: the target that is called, what it must give, and the function whose inputs it takes."""

    target: Target
    wanted: str
    inputs_of: Target
    detail: str


def laws_of(inventory: Inventory) -> List[Law]:
    """Lists what the names of a module's functions promise."""
    plain = {each.symbol: each for each in inventory.targets if _is_plain(each)}
    return [*_inverses(plain), *_settled(plain)]


def upheld(law: Law, texts: Sequence[str], stage: Stage, observer: Observer, inventory: Inventory) -> List[Kept]:
    """Tries a law with some inputs; returns cases that show it, none if one of the inputs refutes it.

    What a function gives back as it is shows nothing of what another one undoes.
    """
    kept: Dict[object, Kept] = {}
    for text in texts[:INPUTS]:
        once = stage.play(given(law.inputs_of, text))
        if once.error is not None or once.outside or is_misuse(given(law.inputs_of, text), inventory):
            continue
        call = Call(law.target, (text,))
        played = stage.play(call)
        hoped = once.arguments[0] if law.wanted == "{0}" else once.value
        if type(hoped) not in PLAIN:
            continue
        if played.error is not None or type(played.value) is not type(hoped) or played.value != hoped:
            return []
        try:
            observed = observer.observe(call)
        except Unfit:
            return []
        if not is_idle(once):
            seen = replace(observed, checks=(("result", "==", law.wanted),))
            kept.setdefault(shape_of(once), Kept(call, seen, basis.CHARACTERIZATION, law.detail, frozenset()))
    return list(kept.values())[:ROWS] if len(kept) >= LEAST else []


def _inverses(plain: Dict[str, Target]) -> Iterator[Law]:
    for symbol, there in plain.items():
        for back in filter(None, (plain.get(name) for name in _opposites(symbol))):
            target = _composed(back, there, "inverse")
            yield Law(target, "{0}", there, f"{back.symbol} undoes {there.symbol}")


def _settled(plain: Dict[str, Target]) -> Iterator[Law]:
    for symbol, each in plain.items():
        if SETTLING.search(symbol.rpartition(".")[2]):
            target = _composed(each, each, "idempotence")
            yield Law(target, f"{each.callee}({{0}})", each, f"{symbol} changes nothing the second time")


def _opposites(symbol: str) -> Iterator[str]:
    """Yields the names of what may undo a function."""
    for one, other in INVERSE:
        yield from (f"{start}{other}{end}" for start, end in _around(symbol, one))
    turned = re.fullmatch(r"((?:\w+\.)*)([a-z0-9]+?)(_to_|_?2_?|_as_)([a-z0-9]+)", symbol)
    if turned is not None:
        yield f"{turned.group(1)}{turned.group(4)}{turned.group(3)}{turned.group(2)}"


def _around(symbol: str, word: str) -> Iterator[Tuple[str, str]]:
    """Yields what stands before and after a word in a name."""
    for found in re.finditer(rf"(?<![a-z]){word}(?![a-z])|(?<=[a-z]){word}$|^{word}", symbol):
        yield symbol[: found.start()], symbol[found.end() :]


def _is_plain(target: Target) -> bool:
    """Whether one argument is all that a call needs."""
    alone = target.style == "call" and not target.owner and not target.private
    needed = [each for each in target.parameters if each.required]
    return alone and len(needed) == 1 and needed[0] is target.parameters[0] and needed[0].how == "positional"


def _composed(outer: Target, inner: Target, style: str) -> Target:
    return replace(
        outer,
        style=style,
        callee=f"{outer.callee}({inner.callee}({{0}}))",
        parameters=inner.parameters[:1],
        docstring="",
    )


def given(target: Target, text: str) -> Call:
    """Returns the call of a target with its one needed argument."""
    return Call(target, (text, *[OMITTED] * (len(target.parameters) - 1)))
