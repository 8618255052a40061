"""JavaScript with node's own runner: each test is judged by itself, and a bad one never costs a good one."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.errors import Code, Problem
from headwater.v1 import generate_tests_pb2 as pb
from tests.fakes.vendors import fake_vendors
from tests.languages.asking import Told, ask, command, finished, says, serving

CART = """\
function total(items) {
  if (!items.length) return 0;
  let sum = 0;
  for (const item of items) {
    if (item.price < 0) {
      throw new RangeError("negative");
    }
    sum += item.price;
  }
  return sum > 100 ? sum * 0.9 : sum;
}
module.exports = { total };
"""
GOOD = """
test("an empty cart costs nothing", () => {
  assert.equal(total([]), 0);
});

test("negative prices are refused", () => {
  assert.throws(() => total([{ price: -1 }]), RangeError);
});
"""
WRONG = """
test("is wrong", () => {
  assert.equal(total([{ price: 1 }]), 2);
});
"""
HEAD = """Here they are:
```js
import test from "node:test";
import assert from "node:assert/strict";
import { total } from "../src/cart";
"""
LIMITS = pb.GenerateTestsLimits(budget={"seconds": 60}, test_timeout={"seconds": 1})


async def run(monkeypatch: pytest.MonkeyPatch, answer: str, source: str = CART, path: str = "cart.js") -> Told:
    async with serving(monkeypatch) as (local, vendors):
        vendors.play = says(*(answer[start : start + 30] for start in range(0, len(answer), 30)))
        return await ask(local, source=pb.Source(path=path, content=source), limits=LIMITS)


async def test_good_tests_are_kept_and_run_in_the_users_hands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, node: str
) -> None:
    """The file that comes out passes where node runs it beside the source, and says what it covers."""
    told = await run(monkeypatch, f"{HEAD}{GOOD}```")
    assert told.names == ["an empty cart costs nothing", "negative prices are refused"], told.error
    complete = told.complete
    assert 'const { total } = require("./cart.js");' in complete.output
    assert (complete.language, complete.test_file_name) == ("javascript", "cart.test.js")
    assert [each.framework for each in told.tests] == ["node", "node"]
    assert {each.verdict for each in told.tests} == {pb.VERDICT_GOOD}
    assert list(told.tests[0].assertions) == ["assert.equal(total([]), 0)"]
    assert list(complete.coverage_estimate.missing_lines) == [8, 10]
    assert complete.coverage_estimate.formula == "v8"
    (tmp_path / "cart.js").write_text(CART)
    (tmp_path / complete.test_file_name).write_text(complete.output)
    code, said = await finished(node, "--test", complete.test_file_name, cwd=tmp_path)
    assert code == 0, said


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (WRONG, ("is wrong", pb.VERDICT_FAILED, "1 !== 2")),
        ('\ntest("hangs", () => {\n  while (true) total([]);\n});\n', ("hangs", pb.VERDICT_TIMEOUT, "1 s")),
        ('\ntest("exits", () => {\n  process.exit(0);\n});\n', ("exits", pb.VERDICT_FAILED, "before its result")),
        (
            '\ntest("leaves", () => {\n  require("node:fs").writeFileSync("left.txt", "");\n  assert.ok(1);\n});\n',
            ("leaves", pb.VERDICT_UNSAFE, "left.txt"),
        ),
        (
            '\ntest("repeats", () => {\n  assert.equal(total([]), 0);\n});\n',
            ("repeats", pb.VERDICT_USELESS, "covers nothing"),
        ),
        ('\ntest("throws", () => {\n  undefinedName();\n});\n', ("throws", pb.VERDICT_FAILED, "undefinedName")),
    ],
    ids=["fails", "hangs", "exits", "leaves a file", "useless", "no such name"],
)
async def test_a_bad_test_is_dropped_beside_good_ones(
    monkeypatch: pytest.MonkeyPatch, node: str, bad: str, expected: tuple[str, int, str]
) -> None:
    """Whatever a test does, it is dropped with its reason, and the others stay."""
    name, verdict, words = expected
    told = await run(monkeypatch, f"{HEAD}{GOOD}{bad}```")
    assert told.names == ["an empty cart costs nothing", "negative prices are refused"], told.error
    assert (told.dropped[name].verdict, words in told.dropped[name].reason) == (verdict, True), told.dropped[name]


async def test_what_does_not_parse_costs_nothing_else(monkeypatch: pytest.MonkeyPatch, node: str) -> None:
    """Half a test between good ones is left out, and said to be."""
    first, second = GOOD.split("\n\n")
    half = 'test("half", () => {\n  assert.equal(total([;\n});'
    told = await run(monkeypatch, f"{HEAD}{first}\n\n{half}\n\n{second}```")
    assert told.names == ["an empty cart costs nothing", "negative prices are refused"], told.error
    assert any('test("half"' in each.test_code for each in told.complete.dropped)


async def test_what_fails_goes_back_to_the_model(monkeypatch: pytest.MonkeyPatch, node: str) -> None:
    """The next question holds the failing test with its error, and the lines that are still missing."""
    async with serving(monkeypatch, max_attempts=2) as (local, vendors):
        vendors.plays = [says(f"{HEAD}{GOOD}{WRONG}```")]
        added = 'test("prices are added", () => {\n  assert.equal(total([{ price: 1 }]), 1);\n});'
        vendors.play = says(f"```js\n{added}\n```")
        told = await ask(local, source=pb.Source(path="cart.js", content=CART), limits=LIMITS)
    assert told.names[-1] == "prices are added", told.error
    asked = vendors.asked[1].body["messages"][-1]["content"]
    assert "1 !== 2" in asked
    assert "Not run yet, by line: 8, 10." in asked
    assert "an empty cart" not in asked
    assert "/work/" not in asked


async def test_hooks_of_other_frameworks_are_understood(monkeypatch: pytest.MonkeyPatch, node: str) -> None:
    """An answer that takes node's `before` for `beforeAll` is not lost for that."""
    hooks = "let rows;\n\nbeforeAll(() => {\n  rows = [];\n});\n"
    told = await run(monkeypatch, f"{HEAD}{hooks}{GOOD.replace('total([])', 'total(rows)')}```")
    assert told.names == ["an empty cart costs nothing", "negative prices are refused"], told.error
    assert "before: beforeAll" in told.complete.output


async def test_modules_are_tested_as_modules(monkeypatch: pytest.MonkeyPatch, node: str) -> None:
    """What exports is imported, in a test file that node takes for a module, even if the answer requires it."""
    source = CART.replace("module.exports = { total };", "export { total };")
    answer = f'```js\nconst assert = require("assert");\nconst {{ total }} = require("./cart");\n{GOOD}```'
    told = await run(monkeypatch, answer, source)
    assert told.names == ["an empty cart costs nothing", "negative prices are refused"], told.error
    assert told.complete.test_file_name == "cart.test.mjs"
    assert 'import { total } from "./cart.js";' in told.complete.output


@pytest.mark.parametrize(
    ("source", "reason", "words"),
    [
        ('require("not-installed-anywhere");\n', "MODULE_NOT_IMPORTABLE", "not-installed-anywhere"),
        ("throw new Error('at load');\n", "MODULE_NOT_IMPORTABLE", "at load"),
    ],
)
async def test_a_file_that_cannot_be_loaded_is_told(
    monkeypatch: pytest.MonkeyPatch, node: str, source: str, reason: str, words: str
) -> None:
    """The error says why, and how the project is sent."""
    told = await run(monkeypatch, f"{HEAD}{GOOD}```", source)
    assert (told.error.reason, words in told.error.message) == (reason, True), told.error
    assert "node_modules" in told.error.remedy


async def test_source_that_is_no_javascript_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal names the line, before a run begins."""
    with pytest.raises(Problem) as refusal:
        await run(monkeypatch, "", "function total( {\n")
    assert (refusal.value.code, refusal.value.reason) == (Code.INVALID_ARGUMENT, "SOURCE_SYNTAX")
    assert "cart.js, line 1" in refusal.value.message


async def test_a_missing_node_leaves_tests_unverified(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without node the tests are read, not run: each says so, and a warning tells the remedy."""
    monkeypatch.setenv("PATH", str(tmp_path))
    told = await run(monkeypatch, f'{HEAD}{GOOD}\ntest("asserts nothing", () => {{\n  total([]);\n}});\n```')
    assert told.names == ["an empty cart costs nothing", "negative prices are refused"], told.error
    assert {each.verdict for each in told.tests} == {pb.VERDICT_UNVERIFIED}
    assert [(each.reason, "Install Node.js" in each.remedy) for each in told.warnings] == [("TESTS_UNVERIFIED", True)]
    assert told.complete.coverage_estimate.combined == 0
    assert told.dropped["asserts nothing"].verdict == pb.VERDICT_FAILED


async def test_the_command_line_writes_a_file_that_passes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, node: str
) -> None:
    """`headwater tests cart.js --provider openai --model gpt-4o` asks the vendor and writes what node then passes."""
    (tmp_path / "cart.js").write_text(CART)
    async with fake_vendors(says(f"{HEAD}{GOOD}```")) as vendors:
        code, said = await command(tmp_path, vendors, "cart.js", "--out", "cart.test.js")
    assert code == 0, said
    code, said = await finished(node, "--test", "--test-reporter=tap", "cart.test.js", cwd=tmp_path)
    assert (code, "# pass 2" in said) == (0, True), said
