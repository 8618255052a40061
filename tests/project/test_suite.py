"""The tests that come with an application: they are written as they should be, say what the matrix says, and hold."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from headwater.projects.phases import render
from headwater.projects.planning import plan, read
from headwater.synthesis.project import suite
from headwater.synthesis.project.files import Options, Plan
from headwater.synthesis.project.spec import Action, Entity
from headwater.synthesis.project.suite.cells import cells
from headwater.synthesis.project.suite.values import at_bounds, refused, valid

BLOG = "Build a blog with authentication and comments"
RUFF = Path(sys.executable).parent / "ruff"
PERMISSIONS = "backend/app/generated/permissions.py"


def planned(requirements: str) -> Plan:
    return plan(read(requirements, "sample", ""), Options())


def laid_out(folder: Path, found: Plan) -> Path:
    for _, file in render(found):
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.text, encoding="utf-8")
    return folder / "backend"


def run_tests(backend: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
        cwd=backend,
        env={"PATH": "/usr/bin:/bin", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


def entity(found: Plan, name: str) -> Entity:
    known = found.spec.entity(name)
    assert known is not None
    return known


def test_the_same_plan_gives_the_same_tests(requirements: str) -> None:
    """Rendering is a function of the plan."""
    assert list(suite.render(planned(requirements))) == list(suite.render(planned(requirements)))


def test_tests_are_written_as_the_formatter_would(requirements: str, tmp_path: Path) -> None:
    """Lint and format find nothing, for any of the texts; the settings are those of the project."""
    backend = laid_out(tmp_path, planned(requirements))
    for words in (["check", "--no-cache", "tests"], ["format", "--no-cache", "--check", "tests"]):
        done = subprocess.run([RUFF, *words], cwd=backend, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_cell_of_the_matrix_is_a_case() -> None:
    """Strangers get 404 for what they may not see, 403 for what they may see and not change, nobody gets 401."""
    blog = planned(BLOG)
    post, user = entity(blog, "Post"), entity(blog, "User")
    assert [(each.role, each.own, each.status) for each in cells(blog, post, Action.UPDATE)] == [
        ("visitor", False, 401),
        ("author", True, 200),
        ("author", False, 403),
        ("admin", True, 200),
        ("admin", False, 200),
    ]
    assert [(each.role, each.own, each.status) for each in cells(blog, user, Action.READ)] == [
        ("visitor", False, 401),
        ("author", True, 200),
        ("author", False, 404),
        ("admin", True, 200),
        ("admin", False, 200),
    ]
    assert [each.status for each in cells(blog, post, Action.CREATE)] == [401, 201, 201]


def test_values_keep_and_leave_the_bounds_of_their_fields(requirements: str) -> None:
    """What is sent as valid lies within the bounds, what is to be refused lies beyond one or is of another type."""
    names = {"day": str, "moment": str, "clock": str}
    for each in planned(requirements).spec.entities:
        for field in each.fields:
            for number in (1, 2, 77):
                value = eval(valid(field), names | {"number": number})
                if field.type == "integer":
                    assert (field.minimum or 0) <= value <= (field.maximum if field.maximum is not None else value)
                if field.type in {"string", "text"}:
                    assert (field.minimum or 0) <= len(value) <= (field.maximum or len(value))
            allowed = [eval(each) for each in at_bounds(field)]
            assert not any(eval(each) in allowed for each in refused(field))


def test_hostile_labels_stay_out_of_the_tests() -> None:
    """Labels, titles and descriptions are nowhere in them; choices are literals."""
    hostile = "A note has a title. " + 'The note status can be draft, done or """; import os; """.'
    for file in suite.render(planned(hostile)):
        if file.path.endswith(".py"):
            tree = ast.parse(file.text)
            imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
            assert "os" not in imported


def test_what_cannot_be_compared_or_told_apart_is_not_in_the_tests() -> None:
    """No answer is read for nothing, bounds that are one are tried once, equal values tell no versions apart."""
    entities = "entities:\n  Photo:\n    image: file required\n  Vote:\n    stars: integer 1..1 required\n"
    files = {each.path.rpartition("/")[2]: each.text for each in suite.render(planned(entities))}
    assert "shown = " not in files["test_photos.py"]
    assert files["test_votes.py"].count('("stars", 1),') == 1
    assert "path, sent, seen).status_code == 412" not in files["test_votes.py"]


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The backend of a blog."""
    return laid_out(tmp_path_factory.mktemp("blog"), planned(BLOG))


def test_the_tests_of_a_blog_pass(blog: Path) -> None:
    """An application is rendered together with tests that it passes."""
    done = run_tests(blog)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("app/generated/permissions.py", "update=Scope.OWN", "update=Scope.ALL"),
        ("app/generated/permissions.py", "models.Post.author_id == me", "models.Post.author_id != me"),
        ("app/generated/rows.py", "raise caller.refusal()", "return row"),
        ("app/generated/schemas/post.py", "max_length=200", "max_length=2000"),
        ("app/generated/values.py", 'extra="forbid"', 'extra="ignore"'),
        ("app/generated/versions.py", ", model.row_version.in_(self._versions)", ""),
        ("app/generated/database.py", 'onupdate=sa.literal_column("row_version + 1", sa.Integer), ', ""),
        ("app/generated/auth.py", "dependencies=[Depends(limited)],", "dependencies=[],"),
        ("app/generated/tokens.py", '"require": ["sub", "iat", "exp"]', '"verify_exp": False'),
    ],
    ids=["matrix", "owner", "refusal", "bound", "mass assignment", "version", "count", "rate limit", "expiry"],
)
def test_a_check_that_is_dropped_is_noticed(blog: Path, path: str, before: str, after: str) -> None:
    """Without a permission, a validation or a limit, tests fail."""
    file = blog / path
    original = file.read_text(encoding="utf-8")
    assert before in original, f"{path} does not say {before}"
    file.write_text(original.replace(before, after), encoding="utf-8")
    try:
        done = run_tests(blog, "-x", "tests/generated/test_posts.py", "tests/generated/test_auth.py")
        assert done.returncode == 1, done.stdout[-2000:]
    finally:
        file.write_text(original, encoding="utf-8")
