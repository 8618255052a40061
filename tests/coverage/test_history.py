"""Git is asked for changes and their frequency, in checkouts that may be a stranger's: nothing in them is run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from headwater.coverage.changes import read_diff
from headwater.coverage.changes.history import commits_by_file, diff_of
from headwater.errors import Code, Problem

NAME, EMAIL = "Ada", "ada@example.org"


def git(root: Path, *arguments: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": NAME,
        "GIT_AUTHOR_EMAIL": EMAIL,
        "GIT_COMMITTER_NAME": NAME,
        "GIT_COMMITTER_EMAIL": EMAIL,
    }
    done = subprocess.run(["git", *arguments], cwd=root, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(root: Path, message: str = "change", **files: str) -> str:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "-m", message)
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a commit on main."""
    root = tmp_path / "shop"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root, src__shop_dot_py="a\nb\nc\n", readme="words\n")
    return root


def test_a_range_is_what_its_commits_change(checkout: Path) -> None:
    """From where two branches part, from one commit to another, and from one to the working tree."""
    git(checkout, "checkout", "--quiet", "-b", "feature/x")
    commit(checkout, src__shop_dot_py="a\nB\nc\nd\n")
    git(checkout, "checkout", "--quiet", "main")
    commit(checkout, src__other_dot_py="x\n")
    git(checkout, "checkout", "--quiet", "feature/x")
    changed = {"src/shop.py": {2, 4}}
    for name in ("main...HEAD", "main...feature/x", "main...", "HEAD~1..HEAD", "HEAD^..@", "@{0}~1..HEAD"):
        assert read_diff(diff_of(checkout, name)) == changed, name
    assert read_diff(diff_of(checkout, "HEAD")) == {}
    (checkout / "src" / "shop.py").write_text("a\nB\nc\nd\ne\n")
    assert read_diff(diff_of(checkout, "HEAD")) == {"src/shop.py": {5}}
    assert read_diff(diff_of(checkout, "HEAD~1")) == {"src/shop.py": {2, 4, 5}}


def test_names_of_files_come_through(checkout: Path) -> None:
    """Renamed, with blanks and signs of other scripts; and relative to the folder that is asked about."""
    (checkout / "src" / "shop.py").rename(checkout / "src" / 'ä "b" c.py')
    commit(checkout, outside="x\n")
    with (checkout / "src" / 'ä "b" c.py').open("a") as file:
        file.write("d\n")
    assert read_diff(diff_of(checkout, "HEAD~1")) == {'src/ä "b" c.py': {4}, "outside": {1}}
    assert read_diff(diff_of(checkout / "src", "HEAD~1")) == {'ä "b" c.py': {4}}


def test_the_checkout_does_not_choose_the_form(checkout: Path) -> None:
    """Prefixes, colours and context that it is configured to have change nothing."""
    for name, value in (
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.srcPrefix", "x/"),
        ("diff.dstPrefix", "y/"),
        ("color.ui", "always"),
        ("diff.context", "9"),
        ("diff.wordRegex", "."),
        ("core.quotePath", "true"),
        ("log.showSignature", "true"),
        ("diff.relative", "false"),
    ):
        git(checkout, "config", name, value)
    commit(checkout, src__shop_dot_py="a\nB\nc\n")
    assert read_diff(diff_of(checkout, "HEAD~1..HEAD")) == {"src/shop.py": {2}}
    assert commits_by_file(checkout, 10) == {"src/shop.py": 2, "readme": 1}


def test_commits_are_counted_by_file(checkout: Path) -> None:
    """As many of the newest as are asked for; merges count once, and names relative to the folder."""
    commit(checkout, src__shop_dot_py="1\n", src__ä_dot_py="1\n")
    commit(checkout, src__shop_dot_py="2\n")
    assert commits_by_file(checkout, 10) == {"src/shop.py": 3, "src/ä.py": 1, "readme": 1}
    assert commits_by_file(checkout, 2) == {"src/shop.py": 2, "src/ä.py": 1}
    assert commits_by_file(checkout / "src", 10) == {"shop.py": 3, "ä.py": 1}
    git(checkout, "checkout", "--quiet", "-b", "side", "HEAD~1")
    commit(checkout, readme="more\n")
    git(checkout, "checkout", "--quiet", "main")
    git(checkout, "merge", "--quiet", "--no-edit", "side")
    assert commits_by_file(checkout, 10)["readme"] == 2


def test_a_checkout_without_commits_has_no_history(tmp_path: Path) -> None:
    """That is no failure; a range in it is not known."""
    git(tmp_path, "init", "--quiet")
    assert commits_by_file(tmp_path, 10) == {}
    with pytest.raises(Problem, match="no commit 'HEAD'") as caught:
        diff_of(tmp_path, "HEAD")
    assert caught.value.reason == "GIT_RANGE_UNKNOWN"


@pytest.mark.parametrize("name", ["absent", "main...absent", "absent..", "0" * 40, "HEAD~99", "HEAD^{tree}", "v1@{9}"])
def test_an_unknown_commit_is_named(checkout: Path, name: str) -> None:
    """The remedy speaks of shallow clones."""
    with pytest.raises(Problem) as caught:
        diff_of(checkout, name)
    assert (caught.value.code, caught.value.reason) == (Code.NOT_FOUND, "GIT_RANGE_UNKNOWN")
    assert "shallow" in caught.value.remedy


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "...",
        "--output=stolen",
        "HEAD..--output=stolen",
        "-p",
        "HEAD main",
        "HEAD\n--output=stolen",
        "HEAD\n",
        "HEAD;touch stolen",
        "$(touch stolen)",
        ":/change",
        "HEAD:readme",
        "^main",
        "a..b..c",
        "a....b",
        "x" * 300,
        "HEAD\0main",
        "häd",
    ],
)
def test_what_is_no_range_is_refused_before_git_is_called(checkout: Path, name: str) -> None:
    """No option, no second argument and no path passes."""
    with pytest.raises(Problem) as caught:
        diff_of(checkout, name)
    assert (caught.value.code, caught.value.reason) == (Code.INVALID_ARGUMENT, "GIT_RANGE_INVALID")
    assert not list(checkout.rglob("stolen"))


def test_a_folder_that_is_no_checkout_is_told(tmp_path: Path) -> None:
    """Neither is a file, nor what is not there, nor a repository that is broken."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "broken" / ".git").mkdir(parents=True)
    for root in (tmp_path, tmp_path / "file", tmp_path / "absent", tmp_path / "broken"):
        for ask in (lambda root=root: diff_of(root, "HEAD"), lambda root=root: commits_by_file(root, 9)):
            with pytest.raises(Problem) as caught:
                ask()
            assert (caught.value.code, caught.value.reason) == (Code.FAILED_PRECONDITION, "NOT_A_CHECKOUT")


def test_a_checkout_of_another_user_is_read(checkout: Path) -> None:
    """Who it belongs to is no matter: nothing in it is run."""
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    for path in (checkout, *checkout.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    assert commits_by_file(checkout, 9) == {"src/shop.py": 1, "readme": 1}


def test_nothing_that_a_checkout_names_is_run(checkout: Path, tmp_path: Path) -> None:
    """Filters, hooks, monitors, pagers, converters, signature checkers and transports of a stranger's configuration."""
    trap = tmp_path / "trap"
    trap.write_text(f'#!/bin/sh\necho "$0 $@" >> {tmp_path}/sprung\nexit 1\n')
    trap.chmod(0o755)
    for name in ("pre-auto-gc", "post-checkout", "fsmonitor-watchman", "post-index-change"):
        (checkout / ".git" / "hooks" / name).write_bytes(trap.read_bytes())
        (checkout / ".git" / "hooks" / name).chmod(0o755)
    commit(checkout, _dot_gitattributes="*.py filter=evil diff=evil\nreadme filter=a=b\n", src__shop_dot_py="a\n")
    signed = git(checkout, "cat-file", "commit", "HEAD").replace(
        "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n", 1
    )
    (tmp_path / "signed").write_text(signed + "\n")
    git(checkout, "update-ref", "HEAD", git(checkout, "hash-object", "-t", "commit", "-w", str(tmp_path / "signed")))
    for name in (
        *("core.fsmonitor", "core.pager", "pager.diff", "pager.log", "core.sshCommand", "core.gitProxy", "core.editor"),
        *("diff.external", "diff.evil.command", "diff.evil.textconv", "gpg.program", "gpg.openpgp.program"),
        *("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "filter.a=b.clean", "core.askPass"),
        *("core.alternateRefsCommand", "credential.helper", "interactive.diffFilter", "uploadpack.packObjectsHook"),
    ):
        git(checkout, "config", name, str(trap))
    for name, value in (
        ("filter.evil.required", "true"),
        ("log.showSignature", "true"),
        ("core.hooksPath", str(checkout / ".git" / "hooks")),
        ("protocol.allow", "always"),
        ("protocol.ext.allow", "always"),
        ("remote.origin.url", f"ext::{trap} %S"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialclonefilter", "blob:none"),
        ("extensions.partialClone", "origin"),
        ("core.repositoryformatversion", "1"),
    ):
        git(checkout, "config", name, value)
    blob = git(checkout, "rev-parse", "HEAD~1:readme")
    (checkout / "src" / "shop.py").write_text("a\nb\n")
    (checkout / "readme").write_text("other\n")
    for arguments in (["diff", "HEAD"], ["log", "-2"], ["fetch"]):
        subprocess.run(["git", "--paginate", *arguments], cwd=checkout, capture_output=True, timeout=20, check=False)
        assert (tmp_path / "sprung").exists(), f"the trap does not work for {arguments}"
        (tmp_path / "sprung").unlink()
    assert read_diff(diff_of(checkout, "HEAD")) == {"src/shop.py": {2}, "readme": {1}}
    assert "src/shop.py" in read_diff(diff_of(checkout, "HEAD~1..HEAD"))
    assert commits_by_file(checkout, 9) == {"src/shop.py": 2, "readme": 1, ".gitattributes": 1}
    (checkout / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(Problem) as caught:
        diff_of(checkout, "HEAD")
    assert caught.value.reason == "GIT_FAILED"
    assert not (tmp_path / "sprung").exists(), (tmp_path / "sprung").read_text()


def test_the_environment_of_the_server_is_not_git_s(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that lead git elsewhere do not reach it."""
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "/bin/false")
    commit_before = commits_by_file(checkout, 9)
    assert commit_before == {"src/shop.py": 1, "readme": 1}
    assert diff_of(checkout, "HEAD") == ""
