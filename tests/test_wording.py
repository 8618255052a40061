"""The templates of what models are told: shipped, versioned, and replaced from a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from headwater.cli import headwater
from headwater.errors import Problem
from headwater.pipeline.wording import PLACES, listing, load_templates


def test_templates_ship_with_a_version() -> None:
    """Every template has a version and says where it comes from."""
    assert [(each.name, each.origin) for each in listing()] == [(name, "shipped") for name in PLACES]
    assert all(each.version.isdecimal() for each in listing())


async def test_a_folder_replaces_templates(tmp_path: Path) -> None:
    """A file of the folder takes the place of the shipped one, and the digest tells the difference."""
    (tmp_path / "again.md").write_text("version: 7\nOnce more, for $name.\n")
    templates = load_templates(tmp_path)
    assert {each.name: each.version for each in templates.listing()}["again"] == "7"
    assert templates.render("again", name="half") == "Once more, for half."
    assert templates.sha256 != load_templates().sha256


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Once more.\n", "version"),
        ("version: 1\nOnce more for $nobody.\n", "$nobody"),
        ("version: 1\nIt costs $ 3.\n", "$$"),
    ],
)
def test_a_broken_template_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """The Problem names the template and what is wrong with it."""
    (tmp_path / "again.md").write_text(text)
    with pytest.raises(Problem) as raised:
        load_templates(tmp_path)
    assert (raised.value.reason, raised.value.metadata) == ("TEMPLATE_BROKEN", {"template": "again"})
    assert says in str(raised.value)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Rather than to use the shipped templates in its place, without a word."""
    with pytest.raises(Problem) as raised:
        load_templates(tmp_path / "nowhere")
    assert raised.value.reason == "TEMPLATES_MISSING"
    assert "nowhere" in str(raised.value)


def test_the_command_shows_what_a_server_would_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`headwater prompts` heeds HEADWATER_PROMPTS, and its own option before that."""
    mine, other = tmp_path / "mine", tmp_path / "other"
    for folder, version in ((mine, "7"), (other, "8")):
        folder.mkdir()
        (folder / "again.md").write_text(f"version: {version}\nOnce more, for $name.\n")
    monkeypatch.setenv("HEADWATER_PROMPTS", str(mine))
    shown = CliRunner().invoke(headwater, ["prompts"])
    assert f"version 7      {mine / 'again.md'}" in shown.output
    assert CliRunner().invoke(headwater, ["prompts", "again"]).output == "Once more, for $name.\n\n"
    shown = CliRunner().invoke(headwater, ["prompts", "--folder", str(other)])
    assert f"version 8      {other / 'again.md'}" in shown.output
    monkeypatch.setenv("HEADWATER_PROMPTS", str(tmp_path / "nowhere"))
    shown = CliRunner().invoke(headwater, ["prompts"])
    assert (shown.exit_code, "TEMPLATES_MISSING" in shown.output) == (2, True)
