"""Writes into and removes folders that strangers' code had its hands on.

Such a folder may hold links that point outside, names that take the place of folders, and trees deeper than a path may
be long: no link is ever followed, and nothing here recurses.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from headwater.errors import invalid

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
ROOMS = "headwater-rooms-"
"""How the folders begin in which rooms lie."""
_YOUNG_SECONDS = 10.0
"""So long a folder without a lock may be one whose owner is about to lock it."""
_FOR_ALL = stat.S_IROTH | stat.S_IXOTH
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_files(folder: Path, files: Mapping[str, bytes], owner: int | None) -> None:
    """Writes files by relative path, over what is there, for another user where `owner` names one.

    Raises Problem INVALID_ARGUMENT (`FILE_PATH_INVALID`) for a path that leads outside, and OSError where the folder
    was made unwritable.
    """
    parts = {path: _parts(path) for path in files}
    top = os.open(folder, _FOLDER)
    try:
        for path, content in files.items():
            *folders, name = parts[path]
            parent = _descend(top, folders, owner)
            try:
                _write(parent, name, content, owner)
            finally:
                os.close(parent)
    finally:
        os.close(top)


def remove_tree(folder: Path) -> None:
    """Removes a folder with all that is in it, however deep, closed or strange; absent is fine."""
    try:
        top = os.open(folder, _FOLDER)
    except FileNotFoundError:
        return
    try:
        os.fchmod(top, 0o700)
        serial = 0
        while names := os.listdir(top):  # noqa: PTH208 — a descriptor
            for name in names:
                if _is_folder(top, name):
                    serial = _flatten(top, name, serial)
                else:
                    os.unlink(name, dir_fd=top)
    finally:
        os.close(top)
    folder.rmdir()


def claim(parent: Path, prefix: str = ROOMS) -> tuple[Path, int]:
    """Makes a new folder below `parent` that is this process's as long as the returned descriptor is open."""
    folder = parent.resolve() / f"{prefix}{secrets.token_hex(8)}"
    folder.mkdir()
    folder.chmod(0o711)
    held = os.open(folder, _FOLDER)
    fcntl.flock(held, fcntl.LOCK_EX)
    return folder, held


def sweep(parent: Path, prefix: str = ROOMS) -> None:
    """Removes this user's folders whose owners died without doing so."""
    for each in parent.glob(f"{prefix}*"):
        try:
            held = os.open(each, _FOLDER)
        except OSError:
            continue  # removed by somebody else meanwhile, or not ours
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found = os.fstat(held)
            if found.st_uid == os.geteuid() and time.time() - found.st_mtime > _YOUNG_SECONDS:
                remove_tree(each)
        except OSError:
            continue  # its owner lives, or it is another user's
        finally:
            os.close(held)


def outermost(paths: Iterable[str]) -> list[str]:
    """Sorts paths, and leaves out what lies in a folder that is there already; a link to a folder holds nothing."""
    kept: list[str] = []
    holders: set[Path] = set()
    for path in sorted(set(paths)):
        if holders.isdisjoint(Path(path).parents):
            kept.append(path)
            if not Path(path).is_symlink():
                holders.add(Path(path))
    return kept


def opened(path: str) -> list[str]:
    """Returns a path that every user may read, or in the place of a closed folder what is in it.

    A folder that is shown entry by entry is a new one on the inside, open to the room's user; its files stay what they
    are.
    """
    try:
        mode = Path(path).stat().st_mode
        if not stat.S_ISDIR(mode) or mode & _FOR_ALL == _FOR_ALL:
            return [path]
        return [each for below in sorted(Path(path).iterdir()) for each in opened(str(below))]
    except OSError:
        return []  # absent, or a link to nowhere


def _flatten(top: int, name: str, serial: int) -> int:
    """Empties one folder: its files go, its folders move up beside it, to be emptied in their turn."""
    os.chmod(name, 0o700, dir_fd=top)
    below = os.open(name, _FOLDER, dir_fd=top)
    try:
        for each in os.listdir(below):  # noqa: PTH208 — likewise
            if _is_folder(below, each):
                os.chmod(each, 0o700, dir_fd=below)
                serial += 1
                while _exists(top, f".{serial}"):
                    serial += 1
                os.rename(each, f".{serial}", src_dir_fd=below, dst_dir_fd=top)
            else:
                os.unlink(each, dir_fd=below)
    finally:
        os.close(below)
    os.rmdir(name, dir_fd=top)
    return serial


def _parts(path: str) -> tuple[str, ...]:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise invalid("FILE_PATH_INVALID", "files", f"{path!r} does not name a file inside the work folder.")
    return parts


def _descend(top: int, folders: list[str], owner: int | None) -> int:
    at = os.dup(top)
    for name in folders:
        try:
            below = _enter(at, name, owner)
        finally:
            os.close(at)
        at = below
    return at


def _enter(at: int, name: str, owner: int | None) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=at)
    except FileNotFoundError:
        pass
    except OSError as error:
        if error.errno not in {errno.ELOOP, errno.ENOTDIR}:
            raise
        os.unlink(name, dir_fd=at)  # a link or a file in the place of our folder
    os.mkdir(name, 0o755, dir_fd=at)
    below = os.open(name, _FOLDER, dir_fd=at)
    if owner is not None:
        os.fchown(below, owner, owner)
    return below


def _write(parent: int, name: str, content: bytes, owner: int | None) -> None:
    try:
        os.unlink(name, dir_fd=parent)
    except FileNotFoundError:
        pass
    except IsADirectoryError:
        os.rename(name, f".{secrets.token_hex(8)}", src_dir_fd=parent, dst_dir_fd=parent)  # in the place of our file
    written = os.open(name, _NEW_FILE, 0o644, dir_fd=parent)
    with os.fdopen(written, "wb") as file:
        file.write(content)
        if owner is not None:
            os.fchown(written, owner, owner)


def _is_folder(parent: int, name: str) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)


def _exists(parent: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
