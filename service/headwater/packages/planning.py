"""Plans the work on a package: its modules, those that need no run, and what their tests will be called."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headwater.errors import invalid
from headwater.packages.changes import Changes, changes_since
from headwater.packages.existing import find_tests
from headwater.packages.modules import Module, find_modules, project_of
from headwater.packages.names import digest, file_names, is_ours
from headwater.packages.state import Row, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for. `options` is whatever else decides how the tests turn out."""

    top: Path
    out: Path
    root: Path | None
    include: Sequence[str]
    exclude: Sequence[str]
    existing: Sequence[Path]
    no_existing: bool
    changed_since: str | None
    fresh: bool
    force: bool
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A module of the plan."""

    module: Module
    test_file: Path
    id: str
    """The module in the state."""
    key: str
    """What the module and the options are now: the same key, the same work."""
    symbols: tuple[str, ...] = ()
    """The names to aim at; the whole module without any."""
    row: Row | None = None
    """What becomes of it without a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What there is to do."""

    items: Sequence[Item]
    tests: Sequence[Path]
    """The files of tests that exist, and are not about to be written anew."""
    folder: Path
    """The top of the project, where its tests are run."""

    @property
    def pending(self) -> list[Item]:
        """The modules that need a run."""
        return [item for item in self.items if item.row is None]

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders that go on the import path."""
        return tuple(sorted({item.module.root for item in self.items}))


def make_plan(wish: Wish, state: State) -> Plan:
    """Makes the plan; blocking. Raises Problem for what the caller has to change, before any work is done."""
    top = wish.top.resolve()
    modules = find_modules(top, root=wish.root, include=wish.include, exclude=wish.exclude)
    project = project_of(top)
    symbols = dict.fromkeys(modules, ())
    if wish.changed_since is not None:
        symbols = _changed(modules, changes_since(wish.changed_since, project))
        modules = list(symbols)
    tests = find_tests(top, project, wish.out, wish.existing)
    ours = _ours(tests, wish, state)
    names = _names(modules, wish, state, {test for test in tests if test not in ours})
    return Plan(
        items=[_item(module, names[module], symbols[module], wish, state) for module in modules],
        tests=[] if wish.no_existing else [test for test in tests if test not in ours],
        folder=project,
    )


def shares(items: Sequence[Item], total_seconds: float, *, jobs: int, least: float, most: float) -> Sequence[float]:
    """Shares the seconds of all `jobs` among modules by their size; none gets less than `least` or more than `most`."""
    weights = [item.module.weight for item in items]
    seconds = total_seconds * min(jobs, max(1, len(items)))
    return [min(most, max(least, seconds * weight / sum(weights))) for weight in weights]


def _changed(modules: Iterable[Module], changes: Changes) -> dict[Module, tuple[str, ...]]:
    """Returns the modules that changed, each with the names to aim at; none for one that is new as a whole."""
    found: dict[Module, tuple[str, ...]] = {}
    for module in modules:
        symbols = changes.symbols(module)
        if symbols is None or symbols:
            found[module] = symbols or ()
    return found


def _ours(tests: Iterable[Path], wish: Wish, state: State) -> frozenset[Path]:
    """Returns the files that may be written anew. Where only changes are aimed at, all that is there is kept."""
    out = wish.out.resolve()
    mine = [test for test in tests if test.parent == out]
    if wish.changed_since is not None:
        return frozenset()
    return frozenset(test for test in mine if is_ours(test, state.written(test.name)))


def _names(modules: Sequence[Module], wish: Wish, state: State, others: Iterable[Path]) -> Mapping[Module, str]:
    """Names the file of each module's tests: as it was called before, or so that no other file has the name."""
    out = wish.out.resolve()
    taken = {test.name for test in others if not (wish.force and test.parent == out)}
    before = {module: state.file_of(_id(module, wish)) for module in modules}
    kept = {module: name for module, name in before.items() if name and name not in taken}
    if wish.changed_since is not None:
        # What a run after an earlier change wrote is there to stay; only the same run goes on with its file.
        kept = {module: name for module, name in before.items() if name}
    fresh = [module for module in modules if module not in kept]
    return {**kept, **file_names(fresh, modules, taken | set(kept.values()))}


def _item(module: Module, name: str, symbols: tuple[str, ...], wish: Wish, state: State) -> Item:
    facts = {**wish.options, "source": digest(module.source), "symbols": symbols}
    key = digest(json.dumps(facts, sort_keys=True, default=str).encode())
    row = None if wish.fresh else state.settled(_id(module, wish), key, wish.out)
    if module.is_empty:
        row = Row(module=module.name, verdict="nothing to test")
    return Item(module=module, test_file=wish.out / name, id=_id(module, wish), key=key, symbols=symbols, row=row)


def _id(module: Module, wish: Wish) -> str:
    path = Path(os.path.relpath(module.file, wish.out.resolve())).as_posix()
    return f"{path}@{wish.changed_since}" if wish.changed_since is not None else path


def check_top(top: Path) -> None:
    """Refuses what is neither a folder nor a file. Raises Problem INVALID_ARGUMENT `SOURCE_NOT_FOUND`."""
    if not top.exists():
        remedy = "Name a Python file, a folder or package, or - for code on stdin."
        raise invalid("SOURCE_NOT_FOUND", "FILE", f"{top} does not exist.", remedy)
