"""The text of tests in other languages: cut as it streams in, whatever the chunks, and put together again."""

from __future__ import annotations

import pytest

from headwater.pipeline.languages import Grammar
from headwater.pipeline.languages.frameworks import read_json, read_tap
from headwater.pipeline.languages.go import GoGrammar
from headwater.pipeline.languages.outline import definitions, segments
from headwater.pipeline.languages.places import Places, read_map
from headwater.pipeline.languages.scripts import ScriptGrammar
from headwater.pipeline.languages.sites import Ranges, sites
from headwater.pipeline.languages.suites import split
from headwater.pipeline.pieces import Piece
from headwater.pipeline.segments import SegmentLimits, Wanted

SCRIPT = ScriptGrammar(
    dialect="typescript",
    framework="vitest",
    path="src/cart.ts",
    specifier="./cart",
    commonjs=False,
    exports={"total": "member", "Cart": "default"},
)
GO = GoGrammar(package="cart")
ANSWER = """Here are the tests:

```ts
import { total, other as o } from '../src/cart';
import fs from "fs";
import { expect, test } from "@jest/globals";

// makes an item
const item = (price: number): Item => ({ price });

function make(n: number) {
  return item(n);
}

describe("cart", () => {
  let x: number;
  beforeEach(() => { x = 1; });
  it("is empty", () => {
    expect(total([])).toBe(0);
  });
  describe("deep", () => {
    test.only("it's added (a+b)", async () => { expect(await total([make(x)])).toBe(1) });
  });
  it.skip("not now", () => {});
});

test("top", () => {
  const text = `
import x
test("no test")
`;
  expect(() => new Cart(text)).toThrow();
});

test("half", () => {
  expect(total([,
});

test("last", () => { expect(fs.existsSync(".")).toBe(true) })
```
I hope this helps.
"""


def cut(grammar: Grammar, text: str, size: int) -> list[Piece]:
    cutter = grammar.cutter()
    pieces = [piece for start in range(0, len(text), size) for piece in cutter.feed(text[start : start + size])]
    return [*pieces, *cutter.close()]


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_an_answer_is_cut_the_same_in_any_chunks(size: int) -> None:
    """Groups give one piece for each test, prose gives none, and what does not parse is broken by itself."""
    pieces = cut(SCRIPT, ANSWER, size)
    assert [(each.kind, each.name) for each in pieces] == [
        *(("import", "total"), ("import", "fs"), ("import", "expect")),
        *(("helper", "item"), ("helper", "make")),
        *(("test", "cart > is empty"), ("test", "cart > deep > it's added (a+b)"), ("test", "top")),
        *(("broken", ""), ("test", "last")),
    ]
    assert pieces == cut(SCRIPT, ANSWER, 10_000)


@pytest.mark.parametrize(
    "text",
    [
        "(;\n" * 50_000,
        "`\n" * 50_000,
        "test(;\n" * 20_000,
        "[" * 100_000,
        'describe("a", () => {\n' * 2000,
        "// x\n" * 30_000,
        "\ud83d\n" * 1000,
        "x;\n" * 50_000,
    ],
)
@pytest.mark.parametrize("grammar", [SCRIPT, GO])
def test_absurd_answers_are_cut_without_end_or_fault(grammar: Grammar, text: str) -> None:
    """Whatever is written, it is broken or nothing, and takes no more than its length of work."""
    assert not [each for each in cut(grammar, text, 4096) if each.kind == "test"]


def test_a_source_that_is_nested_without_end_is_read() -> None:
    """Neither outline nor sites recurse."""
    code = "const a = " + "[" * 5000 + "]" * 5000 + ";\nfunction b() {\n  return 1;\n}\n"
    assert [each.name for each in definitions(code, "javascript")] == ["b"]
    assert [line for line, _ in sites(code, "javascript").statements] == [1, 3]


def test_a_test_is_given_back_before_the_next_one_begins() -> None:
    """A statement that has certainly ended waits for nothing."""
    cutter = SCRIPT.cutter()
    assert [each.name for each in cutter.feed('test("a", () => {\n  expect(1).toBe(1);\n});\n')] == ["a"]


def test_a_file_is_composed_with_what_its_tests_need() -> None:
    """Each test has its group, helpers and imports; names of the framework and of the file are imported as needed."""
    pieces = cut(SCRIPT, ANSWER, 10_000)
    parts = {kind: [each.code for each in pieces if each.kind == kind] for kind in ("import", "helper", "test")}
    text = SCRIPT.compose("Made.", parts["import"], parts["helper"], parts["test"])
    assert text.startswith("// Made.\n")
    assert 'import { beforeEach, describe, expect, it, test } from "vitest";' in text
    assert 'import Cart, { total } from "./cart";' in text
    assert "other" not in text
    assert text.count('describe("cart"') == 1
    assert [each.name for each in split(SCRIPT, text).tests] == [each.name for each in pieces if each.kind == "test"]
    alone = SCRIPT.compose("", parts["import"], parts["helper"], parts["test"][:1])
    assert "item" not in alone
    assert "fs" not in alone


def test_a_test_gets_another_name_and_keeps_its_group() -> None:
    """Only the title changes."""
    piece = cut(SCRIPT, ANSWER, 10_000)[6]
    renamed = SCRIPT.rename(piece.code, piece.name, f"{piece.name}_2")
    assert [each.name for each in split(SCRIPT, renamed).tests] == ["cart > deep > it's added (a+b)_2"]


def test_go_is_composed_in_the_package_of_the_code() -> None:
    """Qualifiers of the package go, imports that are used come, and others are left out."""
    answer = (
        'package cart_test\n\nimport (\n\t"fmt"\n\t"testing"\n)\n\nvar want = 3\n\n// TestTotal adds.\n'
        "func TestTotal(t *testing.T) {\n\tif got := cart.Total(1, 2); got != want {\n"
        "\t\tt.Fatal(strings.ToUpper(got))\n\t}\n}\n\nfunc TestMain(m *testing.M) {\n}\n"
    )
    pieces = cut(GO, answer, 5)
    assert [(each.kind, each.name) for each in pieces] == [
        *(("import", "import"), ("helper", "want"), ("test", "TestTotal"), ("broken", "TestMain")),
    ]
    text = GO.compose("Made.", [pieces[0].code], [pieces[1].code], [pieces[2].code])
    assert text.startswith('// Made.\n\npackage cart\n\nimport (\n\t"strings"\n\t"testing"\n)\n')
    assert "fmt" not in text
    assert "got := Total(1, 2)" in text
    assert GO.look(pieces[2].code).assertions == ("got != want",)


def test_sites_stay_the_same_whoever_counts() -> None:
    """Statements and ways on are found in the text; counts of nested ranges say which of them ran."""
    code = "function sign(n) {\n  if (n < 0) return -1;\n  return n ? 1 : 0;\n}\n"
    found = sites(code, "javascript")
    assert [line for line, _ in found.statements] == [2, 3]
    places = Places(code)
    whole, ternary = len(code), code.index("1 : 0")
    ranges = Ranges([(0, whole, 1), (0, whole - 1, 2), (ternary, ternary + 1, 0)])
    covered = found.measured(lambda at: ranges.count(places.units(at)))
    assert covered.lines == {2, 3}
    # `return -1` was as often on the way as the `if`; so its other side was never taken, nor the ternary's first.
    assert covered.branches - covered.taken == {(2, -2), (3, -1)}


def test_places_are_counted_as_each_tool_does() -> None:
    """Offsets in UTF-16 units, columns from 0 or 1; and through a source map back to the text that ran."""
    code = "a = '\U0001f600';\nb\n"
    at = code.encode().index(b"b")
    places = Places(code)
    assert (places.units(at), places.column(at), places.byte_column(at)) == (len(code) + 1 - 2, (2, 0), (2, 1))
    mapped = read_map({"sources": ["a.ts"], "mappings": "AACA;AAEA"}, [3, 4], "a.ts")
    assert [mapped.offset((line, 0)) for line in (2, 4, 9)] == [0, 4, -1]


TAP = """TAP version 13
# Subtest: group
    # Subtest: inner \\# one
    not ok 1 - inner \\# one
      ---
      duration_ms: 1.2
      error: 'it failed'
      ...
    1..1
not ok 1 - group
  ---
  error: '1 subtest failed'
  ...
ok 2 - fine
1..2
# pass 1
"""


def test_reports_name_the_test_that_failed() -> None:
    """The innermost one, with its error; a report that breaks off has passed nothing."""
    report = read_tap(TAP)
    assert (report.passed, dict(report.failed)) == (1, {"group > inner # one": "error: 'it failed'"})
    assert read_tap(TAP.removesuffix("# pass 1\n")).passed == 0
    assert read_json("{broken").passed == 0
    text = '{"testResults": [{"status": "failed", "message": "no such module", "assertionResults": []}]}'
    assert dict(read_json(text).failed) == {"": "no such module"}


@pytest.mark.parametrize(
    ("dialect", "code", "names"),
    [
        ("typescript", "export class A {\n  b(): void {}\n}\nexport const c = () => 1;\n", ["A", "A.b", "c"]),
        ("go", "package a\n\ntype T struct{}\n\nfunc (t *T) M() {}\n\nfunc F() {}\n", ["T", "T.M", "F"]),
    ],
)
def test_definitions_are_found(dialect: str, code: str, names: list[str]) -> None:
    """Functions, classes and methods by the names that a request may use."""
    assert [each.name for each in definitions(code, dialect)] == names


def test_a_long_file_is_cut_into_its_functions() -> None:
    """Each function with what is missing of it is a segment, the one that may give most first."""
    body = "  x += 1;\n" * 40
    code = f"function a(x) {{\n{body}}}\nfunction b(x) {{\n{body}}}\n"
    wanted = Wanted(lines=[2, 50, 51], branches=[(50, -1)])
    found = segments(code, "javascript", wanted, SegmentLimits())
    assert [(each.name, each.lines, each.branches) for each in found] == [("b", (50, 51), ((50, -1),)), ("a", (2,), ())]
