"""What a command sends to a server: code, and no more than fits."""

from pathlib import Path

import pytest

from headwater.errors import Problem
from headwater.parcel import MOST_FILES, Parcel


def parcel(most_bytes: int = 1000) -> Parcel:
    return Parcel(most_bytes, option="--source", remedy="Send less.")


def test_code_is_gathered_by_its_path(tmp_path: Path) -> None:
    """Files that end so, at any depth; nothing hidden, nothing made by tools, no link."""
    for name in ("a.py", "deep/down/b.PY", "c.txt", ".git/d.py", "node_modules/e.py", "__pycache__/f.py"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "outside.py").write_text("secret")
    (tmp_path / "tree" / "link.py").symlink_to(tmp_path / "outside.py")
    assert parcel().add_code(tmp_path / "tree", {".py"}) == {"a.py": b"a.py", "deep/down/b.PY": b"deep/down/b.PY"}


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    """Everything that goes along counts, and the refusal names the option, the bound and what to do."""
    (tmp_path / "a.py").write_bytes(b"x" * 700)
    (tmp_path / "b.py").write_bytes(b"x" * 301)
    one = parcel()
    one.add(tmp_path / "a.py")
    with pytest.raises(Problem) as caught:
        one.add(tmp_path / "b.py")
    assert (caught.value.reason, caught.value.remedy) == ("SOURCE_TOO_LARGE", "Send less.")
    assert caught.value.violations[0].field == "--source"


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    """However small they are."""
    for number in range(MOST_FILES + 1):
        (tmp_path / f"{number}.py").touch()
    with pytest.raises(Problem, match=f"more than {MOST_FILES} files"):
        parcel().add_code(tmp_path, {".py"})
