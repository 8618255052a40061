"""Starts the zygote: `python guest/ <descriptor>`, with the order as the first JSON line on that socket."""

import sys

if sys.version_info < (3, 9):
    sys.exit("Python 3.9 or later is needed, this is %d.%d" % sys.version_info[:2])

# Python put this folder first on the path, where its names would shadow the user's.
_FOLDER = sys.path.pop(0)


def _load() -> object:
    import importlib.util  # noqa: PLC0415 — only now is the path clean

    name = "_headwater_inside"
    spec = importlib.util.spec_from_file_location(name, f"{_FOLDER}/__init__.py", submodule_search_locations=[_FOLDER])
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)
    return importlib.import_module(name + ".zygote")


if __name__ == "__main__":
    _load().serve(int(sys.argv[1]))  # type: ignore[attr-defined]
