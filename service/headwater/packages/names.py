"""Chooses what the new files of tests are called, so that none takes the place of another."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, count
from pathlib import Path

from headwater.errors import invalid
from headwater.packages.modules import Module

SIGNATURE = ", written by Headwater ("
"""What the header of every file says that was written here."""
HEADER_LINES = 5


def file_names(modules: Sequence[Module], among: Sequence[Module], taken: Collection[str]) -> Mapping[Module, str]:
    """Names a file of tests for each module, after its dotted name without the package that all `among` have in common.

    `taken` are the names of test files that exist elsewhere: pytest takes two of one name for the same module.
    """
    tops = {module.name.partition(".")[0] for module in among}
    used = set(taken)
    named: dict[Module, str] = {}
    for module in modules:
        top, _, rest = module.name.partition(".")
        stem = (rest if rest and len(tops) == 1 else module.name).replace(".", "_").strip("_") or top
        choices = chain((f"test_{stem}.py", f"test_{stem}_generated.py"), _numbered(f"test_{stem}_generated"))
        named[module] = next(name for name in choices if name not in used)
        used.add(named[module])
    return named


def _numbered(stem: str) -> chain[str]:
    return chain(f"{stem}_{number}.py" for number in count(2))


def digest(data: bytes) -> str:
    """Returns the SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def is_ours(file: Path, written: str) -> bool:
    """Whether a file may be written over: it was written here, and nobody has changed it since.

    `written` is the digest of what was written; where it is not known, the header decides.
    """
    try:
        data = file.read_bytes()
    except OSError:
        return False  # whoever may not read it did not write it
    if written:
        return digest(data) == written
    head = data.decode("utf-8", "replace").splitlines()[:HEADER_LINES]
    return any(line.startswith("#") and SIGNATURE in line for line in head)


def check_folder(out: Path) -> None:
    """Makes the folder of the tests. Raises Problem INVALID_ARGUMENT `OUT_UNUSABLE`."""
    remedy = "Name a folder that you may write to."
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".headwater-{digest(str(out).encode())[:8]}"
        probe.touch()
        probe.unlink()
    except (FileExistsError, NotADirectoryError):
        raise invalid("OUT_UNUSABLE", "--out", f"{out} is no folder.", remedy) from None
    except OSError as error:
        raise invalid("OUT_UNUSABLE", "--out", f"{out} cannot be written to: {error.strerror}.", remedy) from None
