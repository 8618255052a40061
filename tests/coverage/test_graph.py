"""Calls are resolved by imports, scopes, classes and bases; who reaches a function is counted exactly."""

from __future__ import annotations

import random

import pytest

from headwater.coverage.calls.graph import CHUNK, CallGraph, reach
from headwater.coverage.outline import Call, Outline, Symbol
from headwater.coverage.outlines.components import components
from tests.coverage.trees import called, graph_of

SHOP = {
    "src/shop/__init__.py": "from .payment import charge_card as charge, Gateway, gateway\nfrom .tax import *\n",
    "src/shop/payment.py": """
        import shop.ledger
        class Base:
            def close(self): shop.ledger.write("x")
            def charge(self, amount): ...
        class Gateway(Base):
            def __init__(self): self.open()
            def open(self): return 1
            def charge(self, amount): return self.close()
        class Fast(Gateway):
            def charge(self, amount): return super().charge(amount)
        gateway = Gateway()
        def charge_card(amount): return gateway.charge(amount)
    """,
    "src/shop/tax.py": "def rate(): return 1\n",
    "src/shop/ledger.py": "def write(text): return text\n",
    "src/app/views.py": """
        import shop
        import shop.payment as pay
        from shop import charge, Gateway, rate
        from . import forms
        def checkout(request):
            def inner(): return helper()
            charge(1)
            rate()
            forms.check(request)
            return inner()
        def helper(): return pay.Fast()
        def attribute(): pay.gateway.charge(1); shop.gateway.open()
        def direct(): return shop.Gateway().open()
        def typed(gateway: Gateway, other): gateway.charge(1); other.run(); return write("x")
    """,
    "src/app/forms.py": "def check(request): return json.loads(request)\nimport json\n",
    "src/app/json.py": "def loads(text): return text\n",
    "tests/test_views.py": "from app.views import checkout\ndef test_it(): checkout(1)\n",
}


@pytest.mark.parametrize(
    ("path", "name", "calls"),
    [
        (
            "src/app/views.py",
            "checkout",
            {
                "src/shop/payment.py::charge_card",
                "src/shop/tax.py::rate",
                "src/app/forms.py::check",
                "src/app/views.py::checkout.inner",
            },
        ),
        ("src/app/views.py", "checkout.inner", {"src/app/views.py::helper"}),
        ("src/app/views.py", "helper", {"src/shop/payment.py::Fast"}),
        (
            "src/app/views.py",
            "direct",
            {"src/shop/payment.py::Gateway", "src/shop/payment.py::Gateway.open"},
        ),
        ("src/app/views.py", "typed", {"src/shop/payment.py::Gateway.charge"}),
        (
            "src/app/views.py",
            "attribute",
            {"src/shop/payment.py::Gateway.charge", "src/shop/payment.py::Gateway.open"},
        ),
        ("src/app/forms.py", "check", set()),
        ("src/shop/payment.py", "charge_card", {"src/shop/payment.py::Gateway.charge"}),
        ("src/shop/payment.py", "Gateway", {"src/shop/payment.py::Gateway.__init__"}),
        ("src/shop/payment.py", "Fast", {"src/shop/payment.py::Gateway.__init__"}),
        ("src/shop/payment.py", "Gateway.__init__", {"src/shop/payment.py::Gateway.open"}),
        (
            "src/shop/payment.py",
            "Gateway.charge",
            {"src/shop/payment.py::Base.close", "src/shop/payment.py::Fast.charge"},
        ),
        ("src/shop/payment.py", "Base.close", {"src/shop/ledger.py::write"}),
    ],
)
def test_python_calls_are_resolved(path: str, name: str, calls: set[str]) -> None:
    """Through packages, stars, relative imports, nested functions, classes and what stands for a method below."""
    assert called(graph_of(SHOP), path, name) == calls


def test_tests_are_no_callers() -> None:
    """They do not make a function matter more."""
    graph = graph_of(SHOP)
    assert graph.callers("src/app/views.py", "checkout") == 0
    assert graph.callers("tests/test_views.py", "test_it") == 0


def test_script_calls_are_resolved() -> None:
    """Through both kinds of modules, defaults, index files, namespaces, interfaces and fields."""
    graph = graph_of(
        {
            "src/pay/index.ts": 'export * from "./gateway";\nexport { default as Ledger } from "./ledger";\n',
            "src/pay/gateway.ts": """
            import { log } from "../log";
            export interface Gateway { charge(amount: number): void; }
            export class Stripe implements Gateway {
              charge(amount: number) { log(amount); }
            }
        """,
            "src/pay/ledger.ts": "export default class Ledger { constructor() { this.open(); } open() {} }\n",
            "src/log.js": "function log(x) { return x; }\nmodule.exports = { log };\n",
            "src/app.ts": """
            import { Gateway, Ledger } from "./pay";
            import * as pay from "./pay";
            const { log } = require("./log");
            export class Shop {
              constructor(private readonly gateway: Gateway) {}
              buy() { this.gateway.charge(1); return new Ledger(); }
              open() { return new pay.Ledger().open(); }
            }
            export const run = () => log(1);
        """,
        }
    )
    assert called(graph, "src/app.ts", "Shop.buy") == {
        "src/pay/gateway.ts::Gateway.charge",
        "src/pay/ledger.ts::Ledger",
    }
    assert called(graph, "src/app.ts", "Shop.open") == {"src/pay/ledger.ts::Ledger", "src/pay/ledger.ts::Ledger.open"}
    assert called(graph, "src/app.ts", "run") == {"src/log.js::log"}
    assert called(graph, "src/pay/gateway.ts", "Gateway.charge") == {"src/pay/gateway.ts::Stripe.charge"}
    assert called(graph, "src/pay/ledger.ts", "Ledger") == {"src/pay/ledger.ts::Ledger.constructor"}
    assert graph.callers("src/log.js", "log") == 3


def test_go_calls_are_resolved() -> None:
    """In a package without import, in others by the folder that ends the import's path; embedded methods too."""
    graph = graph_of(
        {
            "store/store.go": "package store\ntype Store struct{}\nfunc New() *Store { return &Store{} }\n"
            "func (s *Store) Save(n int) error { return check(n) }\n",
            "store/check.go": "package store\nfunc check(n int) error { return nil }\n",
            "cmd/main.go": """
            package main
            import "github.com/acme/shop/store"
            type Base struct{}
            func (b *Base) Log() {}
            type Server struct {
                *Base
                store *store.Store
            }
            func (s *Server) Charge() { s.store.Save(1); s.Log(); store.New() }
            func main() { s := Server{}; s.Charge() }
        """,
        }
    )
    assert called(graph, "cmd/main.go", "Server.Charge") == {
        "store/store.go::Store.Save",
        "cmd/main.go::Base.Log",
        "store/store.go::New",
    }
    assert called(graph, "cmd/main.go", "main") == {"cmd/main.go::Server.Charge"}
    assert called(graph, "store/store.go", "Store.Save") == {"store/check.go::check"}
    assert graph.callers("store/check.go", "check") == 3


def test_go_types_are_spread_over_the_files_of_a_package() -> None:
    """Methods in one, fields in another, and what is embedded in a third; hiding it does not replace it."""
    graph = graph_of(
        {
            "shop/base.go": "package shop\ntype Base struct{}\n"
            "func (b *Base) Close() { b.Log() }\nfunc (b *Base) Log() {}\n",
            "shop/server.go": "package shop\ntype Server struct {\n\tBase\n\tstore *Store\n}\n"
            "func (s *Server) Log() {}\n",
            "shop/store.go": "package shop\ntype Store struct{}\nfunc (s *Store) Save() {}\n",
            "shop/work.go": "package shop\nfunc (s *Server) Work() {\n\ts.store.Save()\n\ts.Close()\n\ts.Log()\n}\n",
        }
    )
    assert called(graph, "shop/work.go", "Server.Work") == {
        "shop/store.go::Store.Save",
        "shop/base.go::Base.Close",
        "shop/server.go::Server.Log",
    }
    assert called(graph, "shop/base.go", "Base.Close") == {"shop/base.go::Base.Log"}
    assert not graph.guessed


def test_java_calls_are_resolved() -> None:
    """In a package without import, by imports, through interfaces to what implements them, and to constructors."""
    graph = graph_of(
        {
            "src/main/java/com/acme/pay/Gateway.java": """
            package com.acme.pay;
            public interface Gateway { void charge(int a); }
        """,
            "src/main/java/com/acme/pay/Stripe.java": """
            package com.acme.pay;
            public class Stripe implements Gateway {
                public Stripe() { open(); }
                void open() {}
                public void charge(int a) { Ledger.write(a); }
            }
        """,
            "src/main/java/com/acme/pay/Ledger.java": """
            package com.acme.pay;
            class Ledger { static void write(int a) {} }
        """,
            "src/main/java/com/acme/web/Api.java": """
            package com.acme.web;
            import com.acme.pay.*;
            public class Api {
                private final Gateway gateway = new Stripe();
                public void pay() { gateway.charge(1); helper(); }
                private void helper() { new Stripe(); }
            }
        """,
        }
    )
    pay, web = "src/main/java/com/acme/pay", "src/main/java/com/acme/web"
    assert called(graph, f"{web}/Api.java", "Api.pay") == {
        f"{pay}/Gateway.java::Gateway.charge",
        f"{web}/Api.java::Api.helper",
    }
    assert called(graph, f"{pay}/Gateway.java", "Gateway.charge") == {f"{pay}/Stripe.java::Stripe.charge"}
    assert called(graph, f"{pay}/Stripe.java", "Stripe.charge") == {f"{pay}/Ledger.java::Ledger.write"}
    assert called(graph, f"{pay}/Stripe.java", "Stripe") == {f"{pay}/Stripe.java::Stripe.Stripe"}
    assert graph.callers(f"{pay}/Ledger.java", "Ledger.write") == 2


def test_c_sharp_calls_are_resolved() -> None:
    """In a namespace and those around it, and by `using`."""
    graph = graph_of(
        {
            "Pay/Gateway.cs": "namespace Acme.Pay;\npublic interface IGateway { void Charge(int a); }\n"
            "public class Stripe : IGateway { public void Charge(int a) { Log.Write(a); } }",
            "Log.cs": "namespace Acme;\nstatic class Log { public static void Write(int a) {} }",
            "Web/Api.cs": """
            using Acme.Pay;
            namespace Acme.Web
            {
                public class Api(IGateway gateway) : Base
                {
                    public void Pay() { gateway.Charge(1); Helper(); base.Close(); }
                    void Helper() { new Stripe().Charge(2); }
                }
                public class Base { protected void Close() {} }
            }
        """,
        }
    )
    assert called(graph, "Web/Api.cs", "Api.Pay") == {
        "Pay/Gateway.cs::IGateway.Charge",
        "Web/Api.cs::Api.Helper",
        "Web/Api.cs::Base.Close",
    }
    assert called(graph, "Web/Api.cs", "Api.Helper") == {"Pay/Gateway.cs::Stripe", "Pay/Gateway.cs::Stripe.Charge"}
    assert called(graph, "Pay/Gateway.cs", "Stripe.Charge") == {"Log.cs::Log.Write"}


def test_a_name_of_two_words_that_nothing_else_has_is_taken_for_what_it_names() -> None:
    """And noted as such; a short name, a private one and one that two have stay open."""
    graph = graph_of(
        {
            "a.py": """
            def work(it):
                it.charge_card(1)
                it.append(2)
                it.send_mail()
                it.find_all()
        """,
            "b.py": """
            class Bank:
                def charge_card(self, amount): return 1
                def append(self, amount): return 1
                def send_mail(self): return 1
            class Post:
                def send_mail(self): return 1
            class _Hidden:
                def find_all(self): return 1
        """,
        }
    )
    assert called(graph, "a.py", "work") == {"b.py::Bank.charge_card"}
    assert len(graph.guessed) == 1


def test_what_is_imported_from_elsewhere_is_not_taken_for_code_of_the_tree() -> None:
    """Not even where the tree has a file or a class of that name."""
    graph = graph_of(
        {
            "shop/json.py": "def loads(text): return text\n",
            "shop/client.py": "class Client:\n    def send_all(self): return 1\n",
            "shop/cart.py": "import json\nfrom vendor import Client\ndef f(): json.loads('1'); return Client()\n",
        }
    )
    assert called(graph, "shop/cart.py", "f") == set()


@pytest.mark.parametrize("cycle", ["a.py imports b.py imports a.py", "classes"])
def test_cycles_of_imports_and_bases_end(cycle: str) -> None:
    """What leads nowhere stays open."""
    trees = {
        "classes": {"a.py": "class A(B): pass\nclass B(A):\n    def f(self): self.nothing()\n"},
        "a.py imports b.py imports a.py": {
            "a.py": "from b import *\nfrom b import x\ndef f(): return x()\n",
            "b.py": "from a import *\nfrom a import x\n",
        },
    }
    graph = graph_of(trees[cycle])
    assert all(graph.callers(path, symbol.name) == 0 for path, symbol in graph.nodes if symbol.kind != "class")


def test_attributes_that_lead_to_each_other_end() -> None:
    """Classes may be named as packages are."""
    graph = graph_of(
        {
            "a.go": "package a\ntype p struct {\n\tq x.A\n}\ntype x struct {\n\tA p.q\n}\nfunc f(v p) { v.q.b() }\n",
        }
    )
    assert called(graph, "a.go", "f") == set()


def test_callers_are_those_near_and_far() -> None:
    """In a cycle each is reached by all others of it; a class that is made, and the file's level, are none."""
    graph = graph_of(
        {
            "a.py": """
            def top(): left(); right()
            def left(): bottom()
            def right(): bottom()
            def bottom(): ping()
            def ping(): pong()
            def pong(): ping(); pong()
            def lonely(): Thing()
            class Thing:
                def __init__(self): ping()
            top()
        """
        }
    )
    counts = {symbol.name: graph.callers("a.py", symbol.name) for _, symbol in graph.nodes}
    assert counts == {
        "<module>": 0,
        "top": 0,
        "left": 1,
        "right": 1,
        "bottom": 3,
        "ping": 7,
        "pong": 7,
        "lonely": 0,
        "Thing": 1,
        "Thing.__init__": 1,
    }


def random_outline(seed: int, size: int, most: int) -> dict[str, Outline]:
    """A file of functions that call each other at random."""
    chosen = random.Random(seed)
    symbols = tuple(
        Symbol(
            name=f"f{number}",
            kind="function",
            first=number + 1,
            last=number + 1,
            body=number + 1,
            calls=tuple(Call(line=1, callee=f"f{chosen.randrange(size)}") for _ in range(chosen.randrange(most))),
        )
        for number in range(size)
    )
    return {"a.py": Outline(language="python", symbols=symbols)}


@pytest.mark.parametrize(("seed", "size", "most"), [(1, 40, 2), (2, 60, 3), (3, 60, 4), (4, 5, 6)])
def test_counts_of_callers_are_exact(seed: int, size: int, most: int) -> None:
    """They are those that a search from each function finds."""
    graph = CallGraph(random_outline(seed, size, most))
    for number, (path, symbol) in enumerate(graph.nodes):
        assert graph.callers(path, symbol.name) == len(reach([number], graph.called) - {number})


def test_counts_are_exact_beyond_what_is_followed_at_once() -> None:
    """Chunks add up: a chain that is longer than one."""
    size = CHUNK * 2 + 10
    symbols = tuple(
        Symbol(
            name=f"f{number}",
            kind="function",
            first=number + 1,
            last=number + 1,
            body=number + 1,
            calls=(Call(line=1, callee=f"f{number + 1}"),),
        )
        for number in range(size)
    )
    graph = CallGraph({"a.py": Outline(language="python", symbols=symbols)})
    assert [graph.callers("a.py", f"f{number}") for number in (0, 1, CHUNK, size - 1)] == [0, 1, CHUNK, size - 1]


def test_groups_come_before_those_that_they_lead_to() -> None:
    """Each node is in one group, with all that it is in a cycle with."""
    groups, group_of = components([[1], [2], [1, 3], [], [0, 4]])
    assert sorted(map(sorted, groups)) == [[0], [1, 2], [3], [4]]
    assert [sorted(groups[group_of[node]]) for node in range(5)] == [[0], [1, 2], [1, 2], [3], [4]]
    assert group_of[4] < group_of[0] < group_of[1] < group_of[3]


def test_rank_is_from_none_to_the_first() -> None:
    """Who is called by many, or by who matters, ranks higher; what nobody calls, and what is not there, is 0."""
    graph = graph_of({"a.py": "def a(): c()\ndef b(): c()\ndef c(): d()\ndef d(): pass\ndef e(): b()\n"})
    ranks = {name: graph.rank("a.py", name) for name in "abcde"}
    assert ranks["d"] == 1.0
    assert 0 < ranks["b"] < ranks["c"] < ranks["d"]
    assert ranks["a"] == ranks["e"] == graph.rank("b.py", "a") == 0.0


def test_a_function_is_critical_between_an_entry_and_a_risk() -> None:
    """Both ends count; what only leads away from the risk, or is reached from nowhere, does not."""
    graph = graph_of(
        {
            "app.py": """
            import subprocess
            @app.post("/run")
            def run(): _check(); _start()
            def _check(): return 1
            def _start(): _really()
            def _really(): subprocess.run(["x"]); _after()
            def _after(): return 2
            def _orphan(): subprocess.run(["y"])
        """
        }
    )
    names = [symbol.name for path, symbol in graph.nodes if graph.is_critical(path, symbol.name)]
    assert names == ["run", "_start", "_really"]


def test_a_public_function_is_an_entry_where_nothing_calls_it() -> None:
    """Also where it is called only as what it stands for in an interface that nobody calls."""
    graph = graph_of(
        {
            "a.ts": """
            export interface Bank { pay(): void; }
            export class Real implements Bank { pay() { work(); } }
            export function work() { return hidden(); }
            function hidden() {}
        """
        }
    )
    assert {graph.nodes[number][1].name: kind for number, kind in graph.entries.items()} == {"Real.pay": "public"}
