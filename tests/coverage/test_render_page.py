"""The page: whole, self-contained, readable without JavaScript, and of strangers' names nothing but names."""

import base64
import hashlib
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from headwater.render import Analysis, page

from .analyses import EMPTY, FULL, hostile

VOID = {"meta", "br"}
BROWSERS = ("chromium", "chromium-headless-shell", "google-chrome")


class Outline(HTMLParser):
    """Reads a page as elements, and refuses one whose elements do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.mark.parametrize("analysis", [FULL, EMPTY, hostile()], ids=["full", "empty", "hostile"])
def test_the_page_is_whole_and_needs_no_network(analysis: Analysis) -> None:
    """Elements nest; nothing is loaded; every link leads to a place in the page; one script, one style, no handlers."""
    text = page.render(analysis)
    read = Outline(text)
    names = [tag for tag, _ in read.elements]
    assert text.startswith("<!doctype html>")
    assert (names.count("script"), names.count("style"), names.count("title"), names.count("h1")) == (1, 1, 1, 1)
    assert set(names).isdisjoint({"link", "img", "iframe", "object", "embed", "base", "form"})
    attributes = [(name, value or "") for _, each in read.elements for name, value in each.items()]
    assert not [name for name, _ in attributes if name.startswith("on") or name in {"src", "style"}]
    anchors = {f"#{value}" for name, value in attributes if name == "id"}
    assert {value for name, value in attributes if name == "href"} <= anchors


def test_the_policy_lets_nothing_else_run() -> None:
    """The hashes in the policy are those of the page's own style and script; everything else is refused."""
    text = page.render(FULL)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_the_code_is_shown_with_its_gaps() -> None:
    """Each line once, missed and partial ones marked by more than colour, gaps beside the line where they begin."""
    read = Outline(page.render(FULL))
    kinds = [each.get("class") for each in read.all("tr")]
    assert (kinds.count("missed"), kinds.count("partial")) == (9, 1)
    assert [each["aria-label"] for each in read.all("span") if each.get("role") == "img"].count("missed") == 9
    assert [each["href"] for each in read.all("a")] == [
        "#gap-partial_branch-1",
        "#gap-exception_handler-1",
        "#gap-uncovered_block-1",
        "#gap-uncovered_function-1",
    ]
    lines = [text for text in read.texts["td"] if text.startswith("line_")]
    assert lines == [f"line_{number} = {number} < 4" for number in range(1, 34)]


def test_tests_that_were_written_are_shown() -> None:
    """The file as it is, with its line breaks, and what it would make of the coverage."""
    text = page.render(FULL)
    assert "def test_refund():\n    assert 1 &lt; 2\n" in text
    assert "91.23% with them" in text


def test_everything_unfolds_without_a_script() -> None:
    """What is folded is folded by the browser itself, and each table has a head with the scope of its cells."""
    read = Outline(page.render(FULL))
    assert len(read.all("details")) == len(read.all("summary")) > 5
    assert read.all("th")
    assert all(each["scope"] == "col" for each in read.all("th"))
    assert read.all("button") == []


def test_a_browser_runs_its_script_and_no_other(tmp_path: Path) -> None:
    """A real browser runs the page's own script under its policy, and nothing that a stranger wrote."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"no browser: one of {', '.join(BROWSERS)}")
    file = tmp_path / "page.html"
    file.write_text(page.render(hostile()), "utf-8")
    options = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom")
    done = subprocess.run([browser, *options, file.as_uri()], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    read = Outline(done.stdout)
    assert len(read.all("button")) == len(read.all("th")) > 0
    assert len(read.all("script")) == 1
    assert "Content Security Policy" not in done.stderr
