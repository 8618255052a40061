"""JavaScript and TypeScript are outlined: functions by what they are assigned to, calls by classes and imports."""

from __future__ import annotations

from textwrap import dedent

import pytest

from headwater.coverage.outline import Outline, Symbol
from headwater.coverage.outlines import outline


def read(text: str, path: str = "src/cart.ts") -> Outline:
    found = outline(path, dedent(text).lstrip("\n"))
    assert found is not None
    return found


def symbol(found: Outline, name: str) -> Symbol:
    return next(each for each in found.symbols if each.name == name)


def test_functions_have_the_names_of_what_they_are_assigned_to() -> None:
    """Objects and classes are scopes; a callback without a name is part of what is around it."""
    found = read(
        """
        export function add(a) {
          return a.map((x) => x + 1);
        }
        const later = async () => {
          await add([]);
        };
        const api = {
          pay() { return 1; },
          refund: (x) => x,
        };
        exports.drop = function (x) { return x; };
        class Cart {
          handle = () => this.total();
          total() {
            function each() {}
          }
        }
        export default Cart;
        """,
        "src/cart.js",
    )
    assert [(each.name, each.kind, each.first, each.last, each.body) for each in found.symbols] == [
        ("<module>", "module", 1, 18, 1),
        ("add", "function", 1, 3, 2),
        ("later", "function", 4, 6, 5),
        ("api.pay", "method", 8, 8, 8),
        ("api.refund", "function", 9, 9, 9),
        ("drop", "function", 11, 11, 11),
        ("Cart", "class", 12, 17, 13),
        ("Cart.handle", "function", 13, 13, 13),
        ("Cart.total", "method", 14, 16, 16),
        ("Cart.total.each", "function", 15, 15, 15),
    ]
    assert [each.name for each in found.symbols if each.public] == [
        "<module>",
        "add",
        "drop",
        "Cart",
        "Cart.handle",
        "Cart.total",
    ]


def test_decisions_lead_to_the_first_line_of_each_side() -> None:
    """0 is the exit; `case` leads to the next case; handlers are bodies of `catch`."""
    found = read("""
        function f(a, b) {
          if (a && b) {
            // Nothing yet.
            g();
          } else if (a) return 1;
          for (const x of b) {
            g(x);
          }
          while (a) a--;
          switch (a) {
            case 1:
              g();
              break;
            case 2:
              h();
            default:
              i();
          }
          try {
            g();
          } catch (error) {
            h(error);
          } finally {
            i();
          }
          if (!a) {
            g();
          }
        }
    """)
    assert [(each.line, each.kind, each.condition, each.true, each.false) for each in found.decisions] == [
        (2, "if", "a && b", 4, 5),
        (5, "if", "a", 5, 6),
        (6, "for", "x of b", 7, 9),
        (9, "while", "a", 9, 10),
        (11, "switch", "case 1", 12, 14),
        (14, "switch", "case 2", 15, 16),
        (26, "if", "!a", 27, 0),
    ]
    assert found.handlers == ((22, 22),)
    assert symbol(found, "f").complexity == 10


def test_calls_have_the_class_of_their_receiver_where_it_is_evident() -> None:
    """By fields, parameter properties, types, `new`, `this` and `super`."""
    found = read("""
        import { Gateway } from "./gateway";
        export class Cart extends Base implements Holder {
          private store: Store = new Store();
          constructor(private readonly gateway: Gateway, clock: Clock) {
            super();
            this.log = new Log();
          }
          async pay(other, rates: Rates | null) {
            await this.gateway.charge(1);
            this.store.save(this);
            this.log.write("x");
            rates?.find();
            const box = new Box();
            box.open();
            other.work();
            super.pay();
            return new Cart().total();
          }
        }
    """)
    assert [each.callee for each in symbol(found, "Cart.pay").calls] == [
        "Gateway.charge",
        "Store.save",
        "Log.write",
        "Rates.find",
        "Box",
        "Box.open",
        "other.work",
        "super.pay",
        "Cart.total",
        "Cart",
    ]
    assert [each.callee for each in symbol(found, "Cart").calls] == ["Base", "Holder"]
    assert [each.name for each in symbol(found, "Cart.constructor").parameters] == ["gateway", "clock"]
    assert [(each.name, each.annotation) for each in symbol(found, "Cart.pay").parameters] == [
        ("other", ""),
        ("rates", "Rates | null"),
    ]


def test_imports_are_files_of_the_tree_or_packages() -> None:
    """Of both kinds of modules, with what is passed on."""
    found = read(
        """
        import fs, { readFile as read } from "node:fs";
        import * as pay from "../pay";
        import Cart from "./cart.js";
        export { refund as giveBack } from "./money";
        export * from "./tax";
        const { exec } = require("child_process");
        const util = require("@/lib/util");
        const sign = require("jsonwebtoken").sign;
        """,
        "src/shop/index.ts",
    )
    assert found.imports == {
        "fs": "fs",
        "read": "fs.readFile",
        "pay": "src/pay",
        "Cart": "src/shop/cart",
        "giveBack": "src/shop/money.refund",
        "*src/shop/tax": "src/shop/tax",
        "exec": "child_process.exec",
        "util": "lib/util",
        "sign": "jsonwebtoken.sign",
    }
    assert found.module == "src/shop/index"


@pytest.mark.parametrize(
    ("text", "path", "name", "entry"),
    [
        (
            'app.post("/charge", check, async (req, res) => { pay(req); });',
            "app.js",
            "POST /charge",
            "route POST /charge",
        ),
        ('router.get("/items", items);', "routes.js", "GET /items", "route GET /items"),
        (
            '@Controller("cart")\nexport class Cart {\n  @Post("charge")\n  charge() {}\n}',
            "cart.ts",
            "Cart.charge",
            "route POST /cart/charge",
        ),
        ("export const handler = async (event) => event;", "lambda.js", "handler", "handler"),
        (
            "export async function GET(request) { return 1; }",
            "app/api/pay/route.ts",
            "GET",
            "route GET app/api/pay/route",
        ),
        ('bus.on("paid", (order) => { ship(order); });', "bus.js", "paid", "handler paid"),
        ("#!/usr/bin/env node\nrun();", "bin/tool.js", "<module>", "main"),
        ("if (require.main === module) { run(); }", "tool.js", "<module>", "main"),
    ],
)
def test_entry_points_are_known_by_their_marks(text: str, path: str, name: str, entry: str) -> None:
    """Routes of Express, Nest and Next, handlers, scripts."""
    assert symbol(read(text, path), name).entry == entry


def test_risks_are_seen_through_imports_and_names() -> None:
    """Default imports, requires, members of packages, and a function's own name."""
    found = read("""
        import fs from "fs";
        const { execSync } = require("child_process");
        function work(db, token) {
          fs.writeFileSync("a", "b");
          execSync("ls");
          db.query("select 1");
          stripe.paymentIntents.create({});
        }
        function chargeCard(card) { return card; }
        interface Bank { chargeCard(card: Card): void; }
    """)
    assert [each[0] for each in symbol(found, "work").risks] == ["file", "subprocess", "database", "money"]
    assert symbol(found, "chargeCard").risks == (("money", 9, "chargeCard"),)
    assert symbol(found, "Bank.chargeCard").risks == ()


def test_pragmas_leave_lines_out() -> None:
    """Of istanbul, c8 and v8: the next statement, so many lines, a side of an `if`, a stretch."""
    found = read("""
        /* istanbul ignore next */
        function a() {
          b();
        }
        // c8 ignore next 2
        c();
        d();
        /* istanbul ignore else */
        if (e) {
          f();
        } else {
          g();
        }
        /* v8 ignore start */
        h();
        /* v8 ignore stop */
        i();
    """)
    assert found.skipped == {2, 3, 4, 6, 7, 11, 12, 13, 14, 15, 16}
