"""Files are outlined by the end of their name, tests are told from code, and odd text raises nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.coverage import Count
from headwater.coverage.calls.critical import critical_paths
from headwater.coverage.calls.graph import CallGraph
from headwater.coverage.outlines import is_test_file, language_of, outline

LANGUAGES = {
    "shop/cart.py": "python",
    "bin/tool.PYW": "python",
    "src/cart.jsx": "javascript",
    "src/cart.mjs": "javascript",
    "src/cart.ts": "typescript",
    "src/cart.tsx": "tsx",
    "store/cart.go": "go",
    "Cart.java": "java",
    "Cart.cs": "c_sharp",
    "README.md": "",
    "Makefile": "",
}
NAMES = ("a.py", "a.js", "a.ts", "a.tsx", "a.go", "A.java", "a.cs")
SIGNS = tuple("(){}[]:;,.=@#'`!?\"\n\té\0\ud800\u2028abC1")
WORDS = (
    *("if", "else", "for", "while", "class", "def", "function", "func", "=>", "self", "this", "return", "new"),
    *("import", "from", "export", "default", "switch", "case", "try", "catch", "except", "finally", "async", "await"),
    *("//", "/*", "*/", "package", "namespace", "using", "public", "static", "void", "int", "&&", "||", "??", "..."),
)
DEEP = {
    "a.py": ("(" * 5000 + ")" * 5000, "x = 1" + " + 1" * 5000, "x = " + "a.b()." * 900 + "c()", "x = " + "not " * 5000),
    "a.js": ("f(" * 5000 + ")" * 5000, "if (a) {" * 5000 + "}" * 5000, "x = " + "a.b()." * 5000 + "c()"),
    "a.ts": ("class A { m() {" * 800 + "}}" * 800, "a ? b : " * 5000 + "c", "// c8 ignore start\n" * 5000),
    "a.go": (
        "package a\nfunc f() {" + "if a {" * 5000 + "}" * 5001,
        "package a\nvar x = " + "(" * 5000 + "1" + ")" * 5000,
    ),
    "A.java": ("class A {" * 2000 + "}" * 2000, "class A { void f() { a" + ".b()" * 5000 + "; } }"),
    "a.cs": ("class A { void F() {" + "if (a) {" * 5000 + "}" * 5002, "namespace a {" * 3000 + "}" * 3000),
}


@pytest.mark.parametrize(("path", "language"), LANGUAGES.items())
def test_the_end_of_the_name_says_the_language(path: str, language: str) -> None:
    """Its case does not matter."""
    assert language_of(path) == language


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("tests/shop/cart.py", True),
        ("shop/test_cart.py", True),
        ("shop/cart_test.py", True),
        ("shop/conftest.py", True),
        ("shop/testing.py", False),
        ("shop/contest.py", False),
        ("src/cart.test.ts", True),
        ("src/cart.spec.tsx", True),
        ("src/__tests__/cart.js", True),
        ("src/latest.js", False),
        ("store/cart_test.go", True),
        ("store/cart.go", False),
        ("app/src/test/java/com/acme/CartTest.java", True),
        ("app/src/main/java/com/acme/Cart.java", False),
        ("app/src/main/java/com/acme/Contest.java", False),
        ("Shop.Tests/CartTests.cs", True),
        ("Shop/Cart.cs", False),
        ("docs/test.md", False),
    ],
)
def test_tests_are_told_from_code(path: str, *, told: bool) -> None:
    """Each language has its own conventions."""
    assert is_test_file(path) is told


@pytest.mark.parametrize("text", ["def f(:\n", "\0", "x = '\ud800'\n", "  if\n"])
def test_python_that_does_not_parse_has_no_outline(text: str) -> None:
    """Neither does a text that is no text."""
    assert outline("a.py", text) is None


def test_what_no_reader_knows_has_no_outline() -> None:
    """It is not guessed."""
    assert outline("README.md", "# Cart") is None


def test_a_small_fault_leaves_the_rest_of_a_tree_readable() -> None:
    """A grammar that does not know a new form still reads the functions around it."""
    functions = "".join(f"function f{number}(a) {{ return g(a); }}\n" for number in range(20))
    found = outline("a.js", f"{functions}let 1x = ;\n")
    assert found is not None
    assert len(found.symbols) >= 20


def test_text_that_is_no_code_has_no_outline() -> None:
    """Most of it is of no form that the grammar knows."""
    assert outline("a.java", "%% §§ ))) ]] << nothing of this ** is } code ((( " * 20) is None


@settings(deadline=None, max_examples=300)
@given(name=st.sampled_from(NAMES), words=st.lists(st.sampled_from(SIGNS + WORDS), max_size=60))
def test_odd_text_raises_nothing(name: str, words: list[str]) -> None:
    """Whatever a stranger sends: there is an outline that the graph can use, or none."""
    found = outline(name, " ".join(words))
    if found is not None:
        graph = CallGraph({name: found})
        assert all(graph.callers(name, symbol.name) >= 0 for symbol in found.symbols)
        counts = {(name, symbol.name): Count(covered=0, total=1) for symbol in found.symbols}
        assert len(critical_paths(graph, counts, {}, 2)) <= 2
        assert len({symbol.name for symbol in found.symbols}) == len(found.symbols)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in DEEP.items() for text in texts])
def test_deep_nesting_raises_nothing(name: str, text: str) -> None:
    """Nothing goes as deep as the text does."""
    found = outline(name, text)
    assert found is None or CallGraph({name: found}).callers(name, "<module>") == 0


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_file_has_its_own_level_only(name: str) -> None:
    """It is one line long."""
    found = outline(name, "")
    assert found is not None
    assert [(each.name, each.first, each.last) for each in found.symbols] == [("<module>", 1, 1)]
