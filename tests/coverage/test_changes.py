"""A unified diff is read as git, diff and Subversion write it; what is none, or is cut, is refused with the line."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.coverage.changes import read_diff
from headwater.errors import Code, Problem

PLAIN = """\
diff --git a/src/shop.py b/src/shop.py
index 83db48f..bf2a5c1 100644
--- a/src/shop.py
+++ b/src/shop.py
@@ -1,3 +1,4 @@ def pay(amount):
 a
-b
+c
+d
 e
@@ -10 +11,0 @@
-gone
@@ -20,0 +21 @@
+new
\\ No newline at end of file
"""


def test_added_and_changed_lines_are_numbered_as_in_the_new_file() -> None:
    """Lines that only go have no number there."""
    assert read_diff(PLAIN) == {"src/shop.py": frozenset({2, 3, 21})}


@pytest.mark.parametrize("text", ["", " \n\n"])
def test_nothing_changes_nothing(text: str) -> None:
    """An empty diff is one: a range of commits may change nothing."""
    assert read_diff(text) == {}


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("a/src/shop.py", "b/src/shop.py", "src/shop.py"),
        ("src/shop.py", "src/shop.py", "src/shop.py"),
        ("i/src/shop.py", "w/src/shop.py", "src/shop.py"),
        ("a/shop.py", "a/shop.py", "a/shop.py"),
        ("/dev/null", "b/shop.py", "shop.py"),
        ("a/old name.py\t2026-01-01 10:00", "b/new name.py\t2026-01-01 10:00", "new name.py"),
        ("shop.py\t(revision 1)", "shop.py\t(working copy)", "shop.py"),
        (r'"a/\303\244.py"', r'"b/\303\244 \"x\"\t\\.py"', 'ä "x"\t\\.py'),
        (r'"a/\377.py"', r'"b/\377.py"', "\ufffd.py"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_paths_are_those_of_the_new_files(old: str, new: str, path: str, end: str) -> None:
    """Without git's letters, quotes and dates; where git was told to set no letters, none are taken off."""
    text = "".join(f"{line}{end}" for line in (f"--- {old}", f"+++ {new}", "@@ -1 +1,2 @@", " a", "+b"))
    assert read_diff(text) == {path: frozenset({2})}


@pytest.mark.parametrize(
    "text",
    [
        "diff --git a/x.py b/y.py\nsimilarity index 100%\nrename from x.py\nrename to y.py\n",
        "diff --git a/x.py b/x.py\nold mode 100644\nnew mode 100755\n",
        "diff --git a/x.png b/x.png\nindex 1..2 100644\nBinary files a/x.png and b/x.png differ\n",
        "diff --git a/x b/x\nGIT binary patch\nliteral 3\nKc${Nk-2x>0RR9\n\nliteral 0\nHcmV?d00001\n\n",
        "diff --git a/x.py b/x.py\ndeleted file mode 100644\n--- a/x.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n",
    ],
    ids=["rename", "mode", "binary", "binary patch", "deleted"],
)
def test_a_file_without_new_lines_is_none(text: str) -> None:
    """Neither before nor after others does it change what is said of them."""
    assert read_diff(text) == {}
    assert read_diff(text + PLAIN) == read_diff(PLAIN + text) == read_diff(PLAIN)


def test_what_looks_like_a_head_inside_of_a_change_is_content() -> None:
    """A comment of SQL that goes and one that comes make `---` and `+++`: the length of the change tells."""
    text = "--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,3 @@\n--- old\n+++ new\n+@@ -9 +9 @@\n a\n"
    assert read_diff(text) == {"x.sql": frozenset({1, 2})}


def test_lines_are_cut_at_line_feeds_only() -> None:
    """Other signs that end lines elsewhere are content."""
    text = "--- a/x.py\n+++ b/x.py\n@@ -1 +1,3 @@\n-a\n+b\u2028c\x0cd\x85\n+e\rf\n+g\n"
    assert read_diff(text) == {"x.py": frozenset({1, 2, 3})}


def test_what_a_mailer_adds_is_left_alone() -> None:
    """Words before, a signature after, and blanks that were cut off the ends of lines."""
    text = "From: a\nSubject: b\n---\n x.py | 2 +-\n\n--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,3 @@\n a\n\n+b\n-- \n2.39\n"
    assert read_diff(text) == {"x.py": frozenset({3})}


def test_parts_of_one_file_are_united() -> None:
    """A diff that names a file twice changes both places."""
    assert read_diff(PLAIN + PLAIN.replace("+21 @@", "+31 @@")) == {"src/shop.py": frozenset({2, 3, 21, 31})}


HEAD = "--- a/x.py\n+++ b/x.py\n"


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("hello\n", 1, "it holds no file"),
        ("--- \nhello\n", 1, "it holds no file"),
        (HEAD, 3, "no change follows the name of a file"),
        (HEAD + "+a\n", 3, "no change follows the name of a file"),
        (HEAD + "@@ nothing @@\n", 3, "this is no head of a change"),
        (HEAD + f"@@ -1 +{'9' * 5000} @@\n+a\n", 3, "this is no head of a change"),
        (HEAD + "@@ -0,0 +99999999 @@\n+a\n", 3, "no file has more than 10000000 lines"),
        (HEAD + "@@ -1,2 +1,2 @@\n a\n", 5, "the change of line 3 breaks off"),
        (HEAD + "@@ -1,2 +1,2 @@\n a\n+b", 6, "the change of line 3 breaks off"),
        (HEAD + "@@ -1,2 +1,2 @@\n a\n?b\n", 5, "the change of line 3 breaks off"),
        (HEAD + "@@ -1 +1 @@\n-a\n-b\n", 5, "the change of line 3 is not as long as that says"),
        (HEAD + "@@ -1 +1 @@\n-a\n+b\n+c\n", 6, "the change of line 3 is longer than that says"),
        ("@@ -1 +1 @@\n-a\n+b\n", 1, "a change stands before the name of its file"),
        (PLAIN + "diff --git a/y b/y\n@@ -1 +1 @@\n-a\n+b\n", 17, "a change stands before the name of its file"),
        ("diff --cc x.py\nindex 1,2..3\n" + HEAD + "@@@ -1,1 -1,1 +1,2 @@@\n++a\n", 1, "a combined diff of a merge"),
        (HEAD + "@@@ -1,1 -1,1 +1,2 @@@\n++a\n", 3, "no change follows the name of a file"),
    ],
)
def test_what_is_no_diff_is_refused_with_the_line(text: str, line: int, fault: str) -> None:
    """A diff that breaks off would count too few changed lines."""
    with pytest.raises(Problem) as caught:
        read_diff(text)
    assert (caught.value.code, caught.value.reason) == (Code.INVALID_ARGUMENT, "DIFF_MALFORMED")
    assert fault in caught.value.message
    assert caught.value.metadata["line"] == str(line)
    assert caught.value.remedy


TEXT = st.lists(
    st.sampled_from(["a", "b", "-- c", "++ d", "@@ -1 +1 @@", "", " ", "\\", "diff --git a/x b/x"]), max_size=30
)


@given(TEXT, TEXT, st.integers(0, 4))
def test_any_two_texts_differ_where_diff_says(old: list[str], new: list[str], context: int) -> None:
    """The lines that are told are those that a comparison of the two finds in the second, with any context."""
    diff = list(difflib.unified_diff(old, new, "a/x.py", "b/x.py", lineterm="", n=context))
    found = read_diff("".join(f"{line}\n" for line in diff)).get("x.py", frozenset())
    same = difflib.SequenceMatcher(None, old, new).get_opcodes()
    assert found == {at + 1 for tag, _, _, first, last in same if tag != "equal" for at in range(first, last)}


@given(st.text(alphabet='+-@ \\\n\r1,ab/"d', max_size=80) | st.text(max_size=40), st.integers(0, len(PLAIN)))
def test_any_text_is_read_or_refused(text: str, cut: int) -> None:
    """Nothing else comes of it, wherever it stands."""
    for each in (text, PLAIN[:cut] + text, HEAD + text, HEAD + "@@ -1 +1,2 @@\n" + text):
        try:
            assert all(line > 0 for lines in read_diff(each).values() for line in lines)
        except Problem as problem:
            assert problem.reason == "DIFF_MALFORMED"  # noqa: PT017 — to be read is as good
