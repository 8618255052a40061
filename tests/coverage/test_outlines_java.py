"""Java is outlined: annotations make entry points, and fields, parameters and variables have classes."""

from __future__ import annotations

from textwrap import dedent

from headwater.coverage.outline import Outline, Symbol
from headwater.coverage.outlines import outline

CART = """
    package com.acme.shop;

    import com.acme.pay.Gateway;
    import java.sql.*;

    @RestController
    @RequestMapping("/api")
    public class Cart extends Base<Item> implements Holder {
        private final Gateway gateway;

        public Cart(Gateway gateway) {
            super(gateway);
            this.gateway = gateway;
        }

        @PostMapping(value = "/charge")
        public int charge(@RequestBody Order order, int... counts) throws IOException {
            if (order.ready() && counts != null) {
                return gateway.charge(1);
            } else if (counts == null)
                log();
            for (Item item : order.items()) {
                item.pack();
            }
            switch (counts[0]) {
                case 1:
                    log();
                    break;
                default:
                    this.gateway.ping();
            }
            try (var stream = new Reader()) {
                stream.read();
            } catch (IOException error) {
                // Tell.
                log();
            }
            return counts == null ? new Cart(null).total() : 0;
        }

        private void log() {
        }

        @KafkaListener(topics = "paid")
        void paid(String message) { log(); }

        public static void main(String[] args) {
            new Cart(null).charge(null);
        }

        record Point(int x, Gateway gate) {
            void ping() { gate.ping(); }
        }

        public interface Bank {
            void charge(int amount);
        }
    }
"""


def read(text: str = CART, path: str = "src/main/java/com/acme/shop/Cart.java") -> Outline:
    found = outline(path, dedent(text).lstrip("\n"))
    assert found is not None
    return found


def symbol(found: Outline, name: str) -> Symbol:
    return next(each for each in found.symbols if each.name == name)


def test_symbols_are_methods_of_classes() -> None:
    """With their annotations; a method of an interface has no body."""
    found = read()
    assert [(each.name, each.kind, each.first, each.body) for each in found.symbols] == [
        ("<module>", "module", 1, 1),
        ("Cart", "class", 6, 9),
        ("Cart.Cart", "method", 11, 12),
        ("Cart.charge", "method", 16, 18),
        ("Cart.log", "method", 41, 42),
        ("Cart.paid", "method", 44, 45),
        ("Cart.main", "method", 47, 48),
        ("Cart.Point", "class", 51, 52),
        ("Cart.Point.ping", "method", 52, 52),
        ("Cart.Bank", "class", 55, 56),
        ("Cart.Bank.charge", "method", 56, 57),
    ]
    assert found.module == "com.acme.shop.Cart"
    assert symbol(found, "Cart.charge").complexity == 8
    assert [(each.name, each.annotation) for each in symbol(found, "Cart.charge").parameters] == [
        ("order", "Order"),
        ("counts", "int"),
    ]
    assert symbol(found, "Cart.Bank.charge").risks == ()


def test_decisions_lead_to_the_first_line_of_each_side() -> None:
    """Handlers are bodies of `catch`."""
    found = read()
    assert [(each.line, each.kind, each.condition, each.true, each.false) for each in found.decisions] == [
        (18, "if", "order.ready() && counts != null", 19, 20),
        (20, "if", "counts == null", 21, 22),
        (22, "for", "item : order.items()", 23, 25),
        (26, "switch", "case 1", 27, 29),
        (38, "ternary", "counts == null", 38, 38),
    ]
    assert found.handlers == ((36, 36),)


def test_calls_have_the_class_of_their_receiver() -> None:
    """Of fields, with `this` and without, parameters, loops, resources, and records."""
    found = read()
    assert [each.callee for each in symbol(found, "Cart.charge").calls] == [
        "Order.ready",
        "Gateway.charge",
        "log",
        "Order.items",
        "Item.pack",
        "log",
        "Gateway.ping",
        "Reader",
        "Reader.read",
        "log",
        "Cart.total",
        "Cart",
    ]
    assert [each.callee for each in symbol(found, "Cart").calls] == ["Base", "Holder"]
    assert [each.callee for each in symbol(found, "Cart.Point.ping").calls] == ["Gateway.ping"]


def test_entry_points_are_known_by_their_annotations() -> None:
    """A route has the path of its class before its own."""
    found = read()
    assert symbol(found, "Cart.charge").entry == "route POST /api/charge"
    assert symbol(found, "Cart.paid").entry == "handler Cart.paid"
    assert symbol(found, "Cart.main").entry == "main"


def test_risks_are_known_by_what_is_called() -> None:
    """Through imports, and of a database by its methods."""
    found = read(
        """
        package a;
        import java.nio.file.Files;
        class Store {
            void save(Connection connection) {
                connection.prepareStatement("x").executeUpdate();
                Files.delete(null);
            }
        }
        """,
        "Store.java",
    )
    assert {kind for kind, _, _ in symbol(found, "Store.save").risks} == {"database", "file"}
