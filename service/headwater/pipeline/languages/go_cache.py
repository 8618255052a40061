"""Keeps the compiled standard library of Go, so that not every run compiles it anew.

It is made once for each version of Go, by the server's own toolchain from a file that stands here: no stranger's code
has a part in it. Runs get a copy; the folder itself is never written again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from headwater.pipeline.languages.project import Program

BUILD = ("test", "-c", "-vet=off", "-p=2", "-cover", "-covermode=count", "-gcflags=-e")
"""How tests are compiled: other options would need other files."""
VET = (
    *("vet", "-atomic", "-bool", "-buildtags", "-directive", "-errorsas", "-ifaceassert", "-nilfunc", "-printf"),
    *("-stringintconv", "-tests", "."),
)
"""What `go test` has vet look at before it runs anything."""
FORM = 2
"""Of what is kept; another number makes it anew."""
FILES = {
    "go.mod": "module example.com/warm\n\ngo 1.20\n",
    "warm.go": "package warm\n\nfunc One() int { return 1 }\n",
    "warm_test.go": "package warm\n\nimport (\n{imports}\n)\n\n{uses}\n\nfunc TestOne(t *testing.T) {{\n}}\n",
}
USED = {
    "bytes": "bytes.Equal",
    "context": "context.Background",
    "encoding/json": "json.Marshal",
    "errors": "errors.New",
    "fmt": "fmt.Sprint",
    "reflect": "reflect.DeepEqual",
    "sort": "sort.Strings",
    "strconv": "strconv.Itoa",
    "strings": "strings.Contains",
    "time": "time.Now",
}
"""What most tests import, and a name of it."""


def warmed(go: Program, environment: Mapping[str, str], *, home: Path, seconds: float) -> Path | None:
    """Returns the folder, made first where it is missing; None where it cannot be made. Blocking."""
    folder = home / ".cache" / "headwater" / f"go-{'.'.join(map(str, go.version))}-{FORM}"
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as place:
            made = Path(place, "cache")
            _compile(go.path, Path(place, "source"), made, environment, seconds)
            made.chmod(0o755)
            made.rename(folder)
    except (OSError, subprocess.SubprocessError):
        # A home that cannot be written to, a Go that does not compile, or another server that was faster.
        return folder if folder.is_dir() else None
    return folder


def copying(folder: Path) -> Sequence[str]:
    """Returns the command that gives a run its copy."""
    script = 'mkdir -p "$HOME/.cache" && cp -r "$1" "$HOME/.cache/go-build" && chmod -R u+w "$HOME/.cache/go-build"'
    return ["/bin/sh", "-c", script, "sh", str(folder)]


def _compile(go: Path, source: Path, cache: Path, environment: Mapping[str, str], seconds: float) -> None:
    source.mkdir()
    imports = "\n".join(f'\t"{path}"' for path in sorted([*USED, "testing"]))
    uses = "\n".join(f"var _ = {name}" for name in USED.values())
    for name, text in FILES.items():
        (source / name).write_text(text.format(imports=imports, uses=uses) if name.endswith("_test.go") else text)
    given = {**environment, "GOCACHE": str(cache), "HOME": str(source), "GOPATH": str(source / "path")}
    for command in ((*BUILD, "-o", os.devnull, "."), VET):
        subprocess.run(  # noqa: S603 — the server's own toolchain, on a file that stands here
            [go, *command], cwd=source, env=given, check=True, capture_output=True, timeout=seconds
        )
    shutil.rmtree(source, ignore_errors=True)
