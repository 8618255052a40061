"""Writes the stubs from the protos, or checks that the committed ones are what the protos say.

`python -m tests.tools.protos write|check`. The descriptor keeps the comments, for OpenAPI, reflection and the docs.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from google.api import annotations_pb2
from grpc_tools import protoc

ROOT = Path(__file__).parents[2]
PROTOS = ROOT / "protos"
STUBS = ROOT / "service"


def main() -> int:
    match sys.argv[1:]:
        case ["write"]:
            generate(STUBS)
            return 0
        case ["check"]:
            return check()
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2


def generate(target: Path) -> None:
    """Writes stubs, type stubs and the descriptor with comments below `target`."""
    (target / "headwater" / "v1").mkdir(parents=True, exist_ok=True)
    sources = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    shared = Path(annotations_pb2.__file__).parents[2]
    status = protoc.main(
        [
            "protoc",
            f"-I{PROTOS}",
            f"-I{shared}",
            f"-I{Path(protoc.__file__).parent / '_proto'}",
            f"--python_out={target}",
            f"--pyi_out={target}",
            f"--grpc_python_out={target}",
            f"--descriptor_set_out={target / 'headwater/v1/descriptor.binpb'}",
            "--include_imports",
            "--include_source_info",
            *sources,
        ]
    )
    if status:
        raise SystemExit(status)


def check() -> int:
    """Says which committed stubs differ from freshly made ones; 1 if any does."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        fresh = {path.name: path.read_bytes() for path in Path(folder, "headwater/v1").iterdir()}
    committed = STUBS / "headwater" / "v1"
    stale = sorted(name for name, data in fresh.items() if _read(committed / name) != data)
    for name in stale:
        sys.stderr.write(f"service/headwater/v1/{name} is not what the protos say: run make proto\n")
    return 1 if stale else 0


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
