"""Loads guest programs."""

# Paths are strings here, from the order to the system call.

from __future__ import annotations

import importlib.util
import os
import sys
from types import ModuleType


def load(path: str) -> ModuleType:
    """Imports a guest program, a file or a package folder, under a name that no user's module has."""
    is_package = os.path.isdir(path)
    stem = os.path.basename(path.rstrip("/")).partition(".")[0]
    name = f"_headwater_guest_{stem}"
    spec = importlib.util.spec_from_file_location(
        name,
        os.path.join(path, "__init__.py") if is_package else path,
        submodule_search_locations=[path] if is_package else None,
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file or package")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
