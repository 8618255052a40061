"""Python is outlined as it runs: bodies after docstrings, decisions with the lines that they lead to."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from coverage.parser import PythonParser

from headwater.coverage.outline import Decision, Outline, Symbol
from headwater.coverage.outlines import outline

SERVICE = Path(__file__).parents[2] / "service" / "headwater"


def read(text: str, path: str = "shop/cart.py") -> Outline:
    found = outline(path, dedent(text).lstrip("\n"))
    assert found is not None
    return found


def symbol(found: Outline, name: str) -> Symbol:
    return next(each for each in found.symbols if each.name == name)


def decisions(text: str) -> list[tuple[int, str, str, int, int]]:
    return [(each.line, each.kind, each.condition, each.true, each.false) for each in read(text).decisions]


def test_a_symbol_begins_with_its_decorators_and_its_body_after_the_docstring() -> None:
    """Methods, nested functions and classes have qualified names."""
    found = read('''
        """Carts."""
        import functools

        class Cart:
            """Holds items."""

            limit: int = 3

            @functools.cache
            @property
            def total(self):
                """Sums up
                all items."""
                def each(item):
                    return item.price
                return sum(map(each, self.items))

            @total.setter
            def total(self, value): self._total = value
    ''')
    assert [(each.name, each.kind, each.first, each.body, each.last) for each in found.symbols] == [
        ("<module>", "module", 1, 2, 19),
        ("Cart", "class", 4, 7, 19),
        ("Cart.total", "method", 9, 14, 16),
        ("Cart.total.each", "function", 14, 15, 15),
        ("Cart.total@18", "method", 18, 19, 19),
    ]
    assert found.module == "shop.cart"
    assert found.symbol_at(15) == symbol(found, "Cart.total.each")


def test_parameters_are_what_a_caller_gives() -> None:
    """With annotations and defaults as written; not the object itself."""
    found = read("""
        class Cart:
            def add(self, item: "Item", /, count: int = 1, *rest, gift: bool = False, **more): ...
            @staticmethod
            def empty(size): ...
    """)
    assert [(each.name, each.annotation, each.default) for each in symbol(found, "Cart.add").parameters] == [
        ("item", '"Item"', ""),
        ("count", "int", "1"),
        ("gift", "bool", "False"),
    ]
    assert [each.name for each in symbol(found, "Cart.empty").parameters] == ["size"]


def test_decisions_lead_to_the_first_line_that_runs_on_each_side() -> None:
    """0 is the exit; a loop's body leads back to its head."""
    assert decisions("""
        def f(items, n):
            if (n > 1 and
                    items):
                '''No statement.'''
                return 1
            elif not n:
                for item in items:
                    if item:
                        n += 1
                else:
                    n = 2
            while n:
                n -= 1
                if n == 3: return 2
            if n:
                global total
                total = 1
    """) == [
        (2, "if", "n > 1 and items", 5, 6),
        (6, "if", "not n", 7, 12),
        (7, "for", "item in items", 8, 11),
        (8, "if", "item", 9, 7),
        (12, "while", "n", 13, 15),
        (14, "if", "n == 3", 0, 12),
        (15, "if", "n", 17, 0),
    ]


def test_a_match_leads_from_case_to_case() -> None:
    """The one that takes everything decides nothing."""
    assert decisions("""
        def f(x):
            match x:
                case 1 | 2:
                    a()
                case {"k": v} if v:
                    b()
                case _:
                    c()
            d()
    """) == [(3, "match", "x matches 1 | 2", 4, 5), (5, "match", 'x matches {"k": v} if v', 6, 7)]


def test_handlers_are_the_bodies_of_except() -> None:
    """What does not fit goes on to the next, to `finally`, or out."""
    text = """
        def f():
            try:
                a()
            except (OSError,
                    ValueError) as error:
                # Say it.
                b(error)
                raise
            except KeyError: c()
            else:
                d()
            finally:
                e()
    """
    assert read(text).handlers == ((7, 8), (9, 9))
    assert decisions(text) == [
        (4, "except", "except (OSError, ValueError)", 7, 9),
        (9, "except", "except KeyError", 9, 13),
    ]


@pytest.mark.parametrize(
    ("body", "complexity"),
    [
        ("pass", 1),
        ("if a: pass\n    elif b: pass", 3),
        ("return a and b or c", 3),
        ("return 1 if a else 2", 2),
        ("return [x for x in a if x if b]", 4),
        ("for x in a:\n        while b: pass", 3),
        ("try: pass\n    except OSError: pass", 2),
        ("def inner():\n        if a: pass", 1),
    ],
)
def test_complexity_is_one_and_one_for_each_decision(body: str, complexity: int) -> None:
    """A nested function has its own."""
    assert symbol(read(f"def f(a, b, c):\n    {body}\n"), "f").complexity == complexity


def test_lines_that_no_test_should_reach_are_skipped() -> None:
    """Type checking, the main guard, abstract bodies, overloads, what is not implemented, and pragmas."""
    found = read(
        """
        from typing import TYPE_CHECKING, overload
        if TYPE_CHECKING:
            import shop
        class Store:
            @abstractmethod
            def save(self, item):
                '''Saves.'''
                return item
            @overload
            def get(self, key: int): ...
            def drop(self):
                raise UNDONE("later")
        def debug(a):
            if a:  # pragma: no cover
                print(a)
            else:
                b()
        if __name__ == "__main__":
            debug(1)
    """.replace("UNDONE", NotImplementedError.__name__)
    )
    assert found.skipped == {2, 3, 8, 10, 12, 14, 15, 18, 19}
    assert symbol(found, "<module>").entry == "main"


def test_calls_have_the_class_of_their_receiver_where_it_is_evident() -> None:
    """Of parameters, variables, attributes, `with` and `super()`; nothing is guessed."""
    found = read("""
        from shop.payment import Gateway
        class Cart(Base):
            store: "Store"
            def __init__(self, gateway: Gateway | None):
                self.gateway = gateway
            def pay(self, clock: Clock, other):
                self.gateway.charge(1)
                self.store.save(self)
                clock.now()
                with Lock() as lock:
                    lock.hold()
                other.work()
                super().pay()
                self.check()
                Gateway().ping()
                print(len("x"))
    """)
    assert [each.callee for each in symbol(found, "Cart.pay").calls] == [
        "Gateway.charge",
        "Store.save",
        "Clock.now",
        "Lock",
        "Lock.hold",
        "other.work",
        "super.pay",
        "self.check",
        "Gateway.ping",
        "Gateway",
    ]
    assert [each.callee for each in symbol(found, "Cart").calls] == ["Base"]


def test_imports_are_full_names() -> None:
    """Relative ones from the file's package."""
    found = read(
        """
        import os.path
        import numpy as np
        from . import tax
        from ..users.model import User as Person
        from .money import *
        """,
        "src/acme/shop/cart.py",
    )
    assert found.imports == {
        "os": "os",
        "np": "numpy",
        "tax": "acme.shop.tax",
        "Person": "acme.users.model.User",
        "*acme.shop.money": "acme.shop.money",
    }


def test_risks_are_seen_through_imports() -> None:
    """By what is called, else by a function's own name."""
    found = read("""
        import subprocess as sp
        from pickle import loads
        def run(cursor, data):
            sp.run(["x"])
            cursor.execute("select 1")
            return loads(data)
        def refund_order(order):
            return order
        def running(order):
            return order.execute()
    """)
    assert symbol(found, "run").risks == (
        ("subprocess", 4, "sp.run"),
        ("database", 5, "cursor.execute"),
        ("deserialisation", 6, "loads"),
    )
    assert symbol(found, "refund_order").risks == (("money", 7, "refund_order"),)
    assert symbol(found, "running").risks == ()


@pytest.mark.parametrize(
    ("text", "name", "entry"),
    [
        ('@app.route("/pay", methods=["POST"])\ndef pay(): ...', "pay", "route POST /pay"),
        ('@router.get("/items/{id}")\nasync def item(id): ...', "item", "route GET /items/{id}"),
        ('@api_view(["PUT"])\ndef put(request): ...', "put", ""),
        (
            'from rest_framework.decorators import api_view\n@api_view(["PUT"])\ndef put(request): ...',
            "put",
            "route PUT",
        ),
        ("class Pay(APIView):\n    def post(self, request): ...", "Pay.post", "route POST Pay"),
        ("@cli.command()\ndef pay(): ...", "pay", "command pay"),
        ("@celery.task\ndef pay(): ...", "pay", "handler pay"),
        ("def lambda_handler(event, context): ...", "lambda_handler", "handler"),
        ("def main(): ...", "main", "main"),
        ("@cache.get\ndef f(): ...", "f", ""),
        (
            'from django.urls import path\nfrom . import views\nurls = [path("pay/", views.pay)]',
            "pay/",
            "route pay/",
        ),
    ],
)
def test_entry_points_are_known_by_their_marks(text: str, name: str, entry: str) -> None:
    """Routes with their method and path, commands, handlers, `main`."""
    assert symbol(read(text), name).entry == entry


def test_a_registration_holds_no_line() -> None:
    """It stands for the route, and calls the view."""
    found = read('from django.urls import path\nurls = [path("pay/", views.Pay.as_view())]\n')
    route = symbol(found, "pay/")
    assert route.first > route.last
    assert [each.callee for each in route.calls] == ["views.Pay"]


@pytest.mark.parametrize("path", sorted((SERVICE / "coverage").glob("*.py")), ids=lambda path: path.name)
def test_decisions_lead_where_coverage_says_that_they_lead(path: Path) -> None:
    """The two lines of each decision are the ends of its arcs, and a body begins with a statement."""
    text = path.read_text()
    parser = PythonParser(text=text, filename=str(path), exclude=r"a^")
    parser.parse_source()
    ends: dict[int, set[int]] = {}
    for start, end in parser.arcs():
        ends.setdefault(start, set()).add(max(end, 0))
    found = read(text, path.name)
    known: list[Decision] = [each for each in found.decisions if each.kind in {"if", "for", "while", "match"}]
    for each in known:
        if each.true != each.line:
            assert {each.true, each.false} == ends[each.line], each
    for each in found.symbols:
        if each.kind in {"function", "method"} and not parser.statements.isdisjoint(range(each.body, each.last + 1)):
            assert each.body in parser.statements, each.name
