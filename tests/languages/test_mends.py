"""What answers in other languages get wrong of modules and packages is corrected without asking the model again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pytest

from headwater.pipeline.languages.go import GoGrammar
from headwater.pipeline.languages.script_mend import corrected
from headwater.pipeline.languages.scripts import ScriptGrammar
from headwater.pipeline.languages.suites import split
from headwater.v1 import generate_tests_pb2 as pb
from tests.languages.asking import ask, says, serving

FILES: Mapping[str, str] = {"src/cart.ts": "", "src/order.ts": "", "src/deep/rates/index.ts": "", "lib/pad.js": ""}
GO = GoGrammar(package="cart")
LIMITS = pb.GenerateTestsLimits(budget={"seconds": 60}, test_timeout={"seconds": 2})


def composed(
    answer: str, *, framework: str = "vitest", commonjs: bool = False, exports: Mapping[str, str] | None = None
) -> str:
    """Puts an answer together again, as a test of src/cart.ts that lies beside it."""
    grammar = ScriptGrammar(
        dialect="typescript",
        framework=framework,
        path="src/cart.ts",
        specifier="./cart",
        commonjs=commonjs,
        exports=exports or {"total": "member", "Cart": "default"},
        correct=partial(corrected, FILES.get, "src/cart.ts"),
    )
    return split(grammar, answer).file(grammar)


def calling(imports: str, body: str) -> str:
    return f'{imports}\ntest("works", () => {{ expect({body}).toBe(1) }});\n'


@pytest.mark.parametrize(
    ("imports", "body", "line"),
    [
        ('import { total } from "../src/cart";', "total()", 'import { total } from "./cart";'),
        ('import { total } from "@/cart.js";', "total()", 'import { total } from "./cart";'),
        ('import { total } from "cart.js";', "total()", 'import { total } from "./cart";'),
        ('const { total } = require("../../cart.ts");', "total()", 'import { total } from "./cart";'),
        ("", "total()", 'import { total } from "./cart";'),
        ('import total from "./cart";', "total()", 'import { total } from "./cart";'),
        ('import { Cart } from "./cart";', "new Cart()", 'import Cart from "./cart";'),
        ('import { Order } from "../../src/order";', "new Order()", 'import { Order } from "./order";'),
        ('import { rate } from "../../src/deep/rates";', "rate()", 'import { rate } from "./deep/rates";'),
        ('import pad from "../lib/pad.js";', "pad()", 'import pad from "../lib/pad.js";'),
        ('import pad from "./lib/pad.js";', "pad()", 'import pad from "../lib/pad.js";'),
        ('import gone from "../src/gone";', "gone()", 'import gone from "../src/gone";'),
        ("", "total()", 'import { expect, test } from "vitest";'),
        ('import { it as test } from "mocha";', "total()", 'import { expect, test } from "vitest";'),
    ],
)
def test_imports_are_put_right(imports: str, body: str, line: str) -> None:
    """Wherever the answer took the test to lie, and whatever it took the name for; what leads nowhere stays."""
    assert line in composed(calling(imports, body)).splitlines()


def test_a_module_without_default_is_imported_as_a_whole() -> None:
    text = composed(calling('import cart from "../cart";', "cart.total()"), exports={"total": "member"})
    assert 'import * as cart from "./cart";' in text


def test_a_function_that_is_the_module_is_required_as_that() -> None:
    answer = calling('const { total } = require("../src/cart");', "total()")
    text = composed(answer, framework="jest", commonjs=True, exports={"total": "default"})
    assert 'const total = require("./cart");' in text


@pytest.mark.parametrize(("framework", "own", "other"), [("vitest", "vi", "jest"), ("jest", "jest", "vi")])
def test_mocks_name_the_file_and_the_framework(framework: str, own: str, other: str) -> None:
    """The paths inside of calls are corrected like those of imports, and the tools of the other framework renamed."""
    text = composed(
        f'{other}.mock("../../src/order", () => ({{ price: {other}.fn() }}));\n'
        f'test("works", async () => {{ const {{ total }} = await import("../src/cart"); expect(total()).toBe(1) }});\n',
        framework=framework,
    )
    assert f'{own}.mock("./order", () => ({{ price: {own}.fn() }}));' in text
    assert 'await import("./cart")' in text
    assert f"{other}." not in text


def go_imports(body: str, imports: str = "") -> list[str]:
    answer = f"package other\n\n{imports}\n\nfunc TestIt(t *testing.T) {{\n{body}\n}}\n"
    text = split(GO, answer).file(GO)
    assert "package cart\n" in text
    block = text.partition("import (")[2].partition("\n)")[0]
    return [line.strip().strip('"') for line in block.strip().splitlines()]


@pytest.mark.parametrize(
    ("body", "imports", "wanted"),
    [
        ('\tt.Log(strings.Title("a"))', "", ["strings", "testing"]),
        ("\tt.Log(rand.Int())", 'import "os"', ["math/rand", "testing"]),
        ("\tt.Log(rand.Text())", 'import "crypto/rand"', ["crypto/rand", "testing"]),
        ('\turl, err := url.Parse("x")\n\tt.Log(url.Host, err)', "", ["net/url", "testing"]),
        ("\tbytes := buffer{}\n\tt.Log(bytes.Len())", 'import "bytes"', ["testing"]),
        ("\tfor _, path := range all() {\n\t\tt.Log(path.Base())\n\t}", "", ["testing"]),
        ("\tf := func(json node) { json.Do() }\n\tf(node{})", "", ["testing"]),
        ("\tvar b strings.Builder\n\tt.Log(b.Len())", "", ["strings", "testing"]),
    ],
)
def test_go_imports_what_the_tests_use_and_nothing_else(body: str, imports: str, wanted: list[str]) -> None:
    """A name that the test itself binds is no package, from where it is bound."""
    assert go_imports(body, imports) == wanted


async def test_a_wrong_path_costs_nothing(monkeypatch: pytest.MonkeyPatch, node: str) -> None:
    """For real: an answer that takes itself to lie in another folder passes at once."""
    files = {
        "package.json": '{"type": "module"}',
        "src/cart.js": 'import { rate } from "./rates.js";\nexport function total(sum) {\n  return sum * rate();\n}\n',
        "src/rates.js": "export const rate = () => 2;\n",
    }
    answer = (
        '```js\nimport total from "../src/cart";\nimport { rate } from "../src/rates.js";\n'
        'it("multiplies", () => {\n  assert.equal(total(3), 3 * rate());\n});\n```'
    )
    async with serving(monkeypatch) as (local, vendors):
        vendors.play = says(answer)
        sent = [pb.SourceFile(path=path, content=text.encode()) for path, text in files.items()]
        told = await ask(local, source=pb.Source(path="src/cart.js", files=sent), limits=LIMITS)
    assert told.names == ["multiplies"], told.error
    assert len(vendors.asked) == 1
