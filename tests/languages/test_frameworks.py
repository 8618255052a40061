"""TypeScript and JavaScript run with the framework of their project: vitest, jest, or node with a loader."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from headwater.v1 import generate_tests_pb2 as pb
from tests.fakes.vendors import fake_vendors
from tests.languages.asking import Told, ask, command, finished, says, serving

CART = """\
export interface Item {
  price: number;
}

export function total(items: Item[]): number {
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
"""
PLAIN = """\
function total(items) {
  if (!items.length) return 0;
  return items.reduce((sum, item) => sum + item.price, 0);
}
module.exports = { total };
"""
EXPECTING = """```ts
import {{ total }} from "./cart";

test("an empty cart costs nothing", () => {{
  expect(total([])).toBe(0);
}});

test("is wrong", () => {{
  expect(total([{{ price: 1 }}])).toBe(2);
}});

test("prices are added", () => {{
  expect(total([{{ price: 1 }}, {{ price: 2 }}])).toBe(3);
}});
{more}
```
"""
MORE = """
test("negative prices are refused", () => {
  expect(() => total([{ price: -1 }])).toThrow(RangeError);
});

describe("discount", () => {
  it("is ten percent", () => {
    expect(total([{ price: 200 }])).toBe(180);
  });
});
"""


def project(folder: Path, packages: Path, name: str, source: str, **manifest: Any) -> Path:
    """Makes a project whose packages are installed elsewhere, as in a monorepo."""
    (folder / name).write_text(source)
    (folder / "package.json").write_text(json.dumps({"name": "shop", "private": True, **manifest}))
    (folder / "node_modules").symlink_to(packages)
    return folder


async def run(monkeypatch: pytest.MonkeyPatch, top: Path, packages: Path, answer: str, path: str, **more: Any) -> Told:
    async with serving(monkeypatch, top, packages) as (local, vendors):
        vendors.play = says(answer)
        source = pb.Source(root=str(top), path=path)
        return await ask(local, source=source, limits=pb.GenerateTestsLimits(budget={"seconds": 60}), **more)


async def test_vitest_runs_typescript(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, packages: Path) -> None:
    """The project's vitest judges each test, and its coverage says what is missing."""
    top = project(tmp_path, packages, "cart.ts", CART, devDependencies={"vitest": "*"})
    told = await run(monkeypatch, top, packages, EXPECTING.format(more=MORE), "cart.ts")
    assert told.names == [
        *("an empty cart costs nothing", "prices are added", "negative prices are refused"),
        "discount > is ten percent",
    ], told.error.message
    assert "expected 1 to be 2" in told.dropped["is wrong"].reason
    complete = told.complete
    assert (complete.language, complete.test_file_name) == ("typescript", "cart.test.ts")
    assert told.start.framework == "vitest"
    assert 'from "vitest"' in complete.output
    assert complete.coverage_estimate.combined == 100
    assert not told.warnings
    assert sorted(each.name for each in top.iterdir()) == ["cart.ts", "node_modules", "package.json"]


async def test_jest_runs_javascript(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, packages: Path) -> None:
    """The project's jest is taken where its manifest names it, and nothing is imported that jest brings."""
    top = project(tmp_path, packages, "cart.js", PLAIN, devDependencies={"jest": "*"})
    told = await run(monkeypatch, top, packages, EXPECTING.format(more=""), "cart.js")
    assert told.names == ["an empty cart costs nothing", "prices are added"], told.error.message
    assert "Expected: 2" in told.dropped["is wrong"].reason
    assert told.start.framework == "jest"
    assert 'const { total } = require("./cart.js");' in told.complete.output
    assert "vitest" not in told.complete.output
    assert told.complete.coverage_estimate.line == 100


async def test_node_runs_typescript_with_a_loader(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, packages: Path
) -> None:
    """Where node does not read types, tsx does; what V8 counts is led back to the lines of the source."""
    top = project(tmp_path, packages, "cart.ts", CART, type="module")
    answer = """```ts
import test from "node:test";
import assert from "node:assert/strict";
import { total } from "./cart";

test("an empty cart costs nothing", () => {
  assert.equal(total([]), 0);
});

test("negative prices are refused", () => {
  assert.throws(() => total([{ price: -1 }]), RangeError);
});
```"""
    told = await run(monkeypatch, top, packages, answer, "cart.ts", framework="node")
    assert told.names == ["an empty cart costs nothing", "negative prices are refused"], told.error.message
    assert (told.start.framework, told.complete.test_file_name) == ("node", "cart.test.ts")
    assert list(told.complete.coverage_estimate.missing_lines) == [12, 14]


async def test_the_projects_own_formatter_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, packages: Path
) -> None:
    """Prettier formats by the project's own configuration."""
    top = project(tmp_path, packages, "cart.ts", CART, devDependencies={"vitest": "*"}, prettier={"singleQuote": True})
    told = await run(monkeypatch, top, packages, EXPECTING.format(more=""), "cart.ts")
    assert "import { total } from './cart';" in told.complete.output, told.error.message


async def test_a_project_without_its_packages_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, node: str
) -> None:
    """Without vitest the tests are checked for their syntax, announced as unverified, and a warning says why."""
    (tmp_path / "cart.ts").write_text(CART)
    (tmp_path / "package.json").write_text('{"devDependencies": {"vitest": "*"}}')
    told = await run(monkeypatch, tmp_path, tmp_path, EXPECTING.format(more="test('cut', () => { expect("), "cart.ts")
    assert told.names == ["an empty cart costs nothing", "is wrong", "prices are added"], told.error.message
    assert {each.verdict for each in told.tests} == {pb.VERDICT_UNVERIFIED}
    (warning,) = told.warnings
    assert warning.reason == "TESTS_UNVERIFIED"
    assert "npm install --save-dev vitest" in warning.remedy
    assert "UNVERIFIED" in told.complete.output
    assert told.complete.coverage_estimate.lines_covered == 0


async def test_the_command_line_writes_a_file_that_vitest_passes(packages: Path, node: str) -> None:
    """`headwater tests cart.ts`, in a project of a workspace whose packages are installed at its top."""
    with TemporaryDirectory(dir=packages.parent) as folder:
        top = Path(folder)
        top.chmod(0o755)  # noqa: ASYNC240 — a room's own user is to read it
        (top / "cart.ts").write_text(CART)
        (top / "package.json").write_text('{"devDependencies": {"vitest": "*"}}')
        answer = says(EXPECTING.format(more=MORE))
        async with fake_vendors(answer) as vendors:
            code, said = await command(
                top, vendors, "cart.ts", "--out", "cart.test.ts", "--budget", "60", "--root", str(packages.parent)
            )
        assert code == 0, said
        assert "is wrong" not in (top / "cart.test.ts").read_text()
        program = str(packages / "vitest" / "vitest.mjs")
        code, said = await finished(node, program, "run", "cart.test.ts", cwd=top)
        assert code == 0, said
