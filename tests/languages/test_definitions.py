"""A model looks up names of the code base in JavaScript, TypeScript and Go as it does in Python."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

import pytest

from headwater.pipeline.languages.definitions import go_definitions, script_definitions
from headwater.v1 import generate_tests_pb2 as pb
from tests.fakes.dialects import Call, Play
from tests.languages.asking import ask, says, serving

SCRIPTS: Mapping[str, str] = {
    "src/cart.ts": """\
import { Order, type Line as L } from "./order.js";
import Money, { RATE } from "./money";
import * as util from "./util";
import fs from "node:fs";
export const LIMIT = 3;
export class Cart extends Base {
  private items: L[] = [];
  constructor(a: number) {
    this.a = a;
  }
  add(item: L): void {
    this.items.push(item);
    log();
  }
  get size() { return this.items.length; }
}
export interface Shape { area(): number }
const local = (a) => {
  return a;
};
""",
    "src/order.ts": 'export interface Line { n: number }\nexport { total as Order } from "./deep/total";\n',
    "src/deep/total.ts": "export function total(a: number) {\n  return a;\n}\n",
    "src/money.ts": "export default class Money {\n  cents = 0;\n}\nexport const RATE = 2;\n",
    "src/util/index.ts": 'export * from "./pad";\nexport function trim(s) { return s; }\n',
    "src/util/pad.ts": 'export { pad } from "../cart";\nexport function fill(s) { return s; }\n',
}
GO: Mapping[str, str] = {
    "go.mod": "module example.com/shop\n\ngo 1.22\n",
    "cart/cart.go": """\
package cart

import (
	"fmt"

	m "example.com/shop/money"
)

type Cart struct {
	items []Item
}

func (c *Cart) Total() int {
	return m.Sum(1)
}

const (
	A = iota
	B
)
""",
    "cart/item.go": 'package cart\n\ntype Item struct{ N int }\n\nvar ErrEmpty = fmt.Errorf("empty")\n',
    "cart/cart_test.go": "package cart\n\nfunc helper() {}\n",
    "money/money.go": "package money\n\nfunc Sum(a int) int { return a }\n",
}


def go_files(folder: str) -> Sequence[str]:
    return [path for path in GO if posixpath.dirname(path) == folder]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("LIMIT", "// src/cart.ts, lines 5-5\nexport const LIMIT = 3;"),
        ("Cart.add", "// src/cart.ts, lines 11-14\n  add(item: L): void {\n    this.items.push(item);"),
        ("Shape", "// src/cart.ts, lines 17-17\nexport interface Shape"),
        ("local", "// src/cart.ts, lines 18-20\nconst local = (a) => {\n  return a;\n};"),
        ("Order", "// src/deep/total.ts, lines 1-3\nexport function total"),
        ("L", "// src/order.ts, lines 1-1\nexport interface Line"),
        ("Money", "// src/money.ts, lines 1-3\nexport default class Money"),
        ("RATE", "// src/money.ts, lines 4-4"),
        ("util", "// src/util/index.ts defines\ntrim"),
        ("util.trim", "// src/util/index.ts, lines 2-2"),
        ("util.fill", "// src/util/pad.ts, lines 2-2"),
        ("./money.js", "// src/money.ts defines\nMoney\nRATE"),
    ],
)
def test_names_are_followed_through_imports(name: str, shown: str) -> None:
    find = script_definitions(SCRIPTS.get, "src/cart.ts", "typescript", 6)
    assert (find(name) or "").startswith(shown)


@pytest.mark.parametrize("name", ["nothing", "fs", "fs.readFile", "util.pad", "Cart.nothing", "", ".", "../../etc"])
def test_what_is_not_there_is_not_found(name: str) -> None:
    """Also where modules export each other in a circle."""
    assert script_definitions(SCRIPTS.get, "src/cart.ts", "typescript", 6)(name) is None


def test_a_class_is_shown_by_its_signatures() -> None:
    found = script_definitions(SCRIPTS.get, "src/cart.ts", "typescript", 6)("Cart")
    assert found is not None
    assert "this.a = a;" in found
    assert "add(item: L): void { … }" in found
    assert "log()" not in found


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Cart", "// cart/cart.go, lines 9-11\ntype Cart struct {\n\titems []Item\n}"),
        ("Cart.Total", "// cart/cart.go, lines 13-15\nfunc (c *Cart) Total() int {"),
        ("B", "// cart/cart.go, lines 17-20\nconst ("),
        ("Item", "// cart/item.go, lines 3-3\ntype Item struct{ N int }"),
        ("cart.ErrEmpty", "// cart/item.go, lines 5-5"),
        ("m.Sum", "// money/money.go, lines 3-3\nfunc Sum(a int) int { return a }"),
    ],
)
def test_names_of_the_package_and_of_its_module_are_found(name: str, shown: str) -> None:
    find = go_definitions(GO.get, go_files, "cart/cart.go", 6)
    assert (find(name) or "").startswith(shown)


@pytest.mark.parametrize("name", ["fmt.Errorf", "nothing", "helper", "m.Nothing", "zip.Reader", ""])
def test_what_others_define_is_not_found(name: str) -> None:
    assert go_definitions(GO.get, go_files, "cart/cart.go", 6)(name) is None


SENT: Mapping[str, tuple[Mapping[str, str], str, str]] = {
    "cart.js": (
        {
            "cart.js": 'const { rate } = require("./rates");\nmodule.exports = { twice: (a) => a * rate() };\n',
            "rates.js": "const rate = () => 2;\nmodule.exports = { rate };\n",
        },
        "// rates.js, lines 1-1\nconst rate = () => 2;",
        'test("doubles", () => {\n  assert.equal(twice(2), 4);\n});',
    ),
    "cart.go": (
        {
            "cart.go": "package cart\n\nfunc Twice(a int) int {\n\treturn a * rate\n}\n",
            "rates.go": "package cart\n\nconst rate = 2\n",
            "go.mod": "module example.com/cart\n\ngo 1.20\n",
        },
        "// rates.go, lines 3-3\nconst rate = 2",
        "func TestDoubles(t *testing.T) {\n\tif Twice(2) != 4 {\n\t\tt.Fatal()\n\t}\n}",
    ),
}


@pytest.mark.parametrize("path", SENT)
async def test_a_model_is_answered_before_it_writes(
    monkeypatch: pytest.MonkeyPatch, path: str, request: pytest.FixtureRequest
) -> None:
    """For real: the tool is on offer, its call is answered from another file, and the test that follows is accepted."""
    request.getfixturevalue("go" if path.endswith(".go") else "node")
    files, shown, answer = SENT[path]
    limits = pb.GenerateTestsLimits(budget={"seconds": 60}, test_timeout={"seconds": 2})
    async with serving(monkeypatch) as (local, vendors):
        call = Call(id="c1", name="look_up", arguments='{"name": "rate"}')
        vendors.plays = [Play(texts=(), calls=(call,), finish="tool_calls")]
        vendors.play = says(answer)
        sent = [pb.SourceFile(path=each, content=text.encode()) for each, text in files.items()]
        told = await ask(local, source=pb.Source(path=path, files=sent), limits=limits)
    assert len(told.names) == 1, told.error
    assert [each["function"]["name"] for each in vendors.asked[0].body["tools"]] == ["look_up"]
    assert vendors.asked[1].body["messages"][-1]["content"].startswith(shown)
