"""Runs a mutant of what the import itself executes: the module is imported anew, and its tests are collected anew."""

# ruff: noqa: TID252 — the package has another name in the sandbox

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from ..collect import Tests, collect
from ..items import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..job import Job
    from ..shelter import Shelter


def run_anew(job: Job, shelter: Shelter, code: CodeType, filename: str, then: Callable[[Recorder, Tests], None]) -> str:
    """Imports and collects in this fork, with this code for the module; hands what was collected over.

    Returns why nothing was: the kind of error that the import or the collection ended with.
    """
    _forget(job)
    sys.meta_path.insert(0, _Finder(job.module, filename, code))
    try:
        importlib.import_module(job.module)
    except BaseException as error:  # noqa: BLE001 — a mutant may raise anything
        return type(error).__name__
    shelter.restore()
    recorder = Recorder(job)
    said: list[dict[str, Any]] = []
    collect(job, shelter, [recorder], said.append, then=lambda tests: then(recorder, tests))
    return next((str(error["kind"]) for message in said for error in message["errors"]), "")


class _Finder:
    """Finds the module under test, and gives it the mutated code."""

    def __init__(self, module: str, filename: str, code: CodeType) -> None:
        self._module, self._filename, self._code = module, filename, code

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Returns the module's spec; nothing for any other."""
        del path, target
        if name != self._module:
            return None
        is_package = os.path.splitext(os.path.basename(self._filename))[0] == "__init__"
        folders = [os.path.dirname(self._filename)] if is_package else None
        loader = _Loader(name, self._filename, self._code)
        return importlib.util.spec_from_file_location(
            name, self._filename, loader=loader, submodule_search_locations=folders
        )


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module from code that is there already."""

    def __init__(self, name: str, filename: str, code: CodeType) -> None:
        super().__init__(name, filename)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        """Returns the code."""
        del fullname
        return self._code


def _forget(job: Job) -> None:
    """Drops the module's package, and what lies in the work folder, so that nobody holds the old module."""
    top = job.module.partition(".")[0]
    homes = tuple({os.path.join(job.work, ""), os.path.join(os.path.realpath(job.work), "")})
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        is_own = isinstance(file, str) and file.startswith(homes)
        if is_own or name == top or name.startswith(top + "."):
            del sys.modules[name]
