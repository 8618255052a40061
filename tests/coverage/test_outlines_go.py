"""Go is outlined: structs are classes of the methods that have them as receiver."""

from __future__ import annotations

from textwrap import dedent

from headwater.coverage.outline import Outline, Symbol
from headwater.coverage.outlines import outline

SERVER = """
    package main

    import (
        "net/http"
        "os/exec"

        "github.com/acme/shop/store"
        pay "github.com/stripe/stripe-go/v76/charge"
    )

    type Server struct {
        *Base
        store *store.Store
        count int
    }

    type Saver interface{ Save(n int) error }

    func NewServer(s *store.Store) *Server {
        return &Server{store: s}
    }

    func (s *Server) Charge(w http.ResponseWriter, r *http.Request) {
        if err := s.store.Save(1); err != nil && w != nil {
            return
        } else if r == nil {
            s.log()
        }
        for i := 0; i < 3; i++ {
            pay.New(nil)
        }
        for {
            break
        }
        switch s.count {
        case 1, 2:
            exec.Command("ls").Run()
        default:
            other := NewServer(nil)
            other.Charge(w, r)
        }
    }

    func (s *Server) log() {}

    func main() {
        server := &Server{}
        http.HandleFunc("/charge", server.Charge)
        http.HandleFunc("/ping", func(w http.ResponseWriter, r *http.Request) {
            server.log()
        })
    }
"""


def read(text: str, path: str = "cmd/shop/main.go") -> Outline:
    found = outline(path, dedent(text).lstrip("\n"))
    assert found is not None
    return found


def symbol(found: Outline, name: str) -> Symbol:
    return next(each for each in found.symbols if each.name == name)


def test_methods_belong_to_their_receiver() -> None:
    """Exported names are public; `main` is the program's; a handler without a name has that of its route."""
    found = read(SERVER)
    assert [
        (each.name, each.kind, each.first, each.body, each.public) for each in found.symbols if each.first < 60
    ] == [
        ("<module>", "module", 1, 1, True),
        ("Server", "class", 11, 11, True),
        ("NewServer", "function", 19, 20, True),
        ("Server.Charge", "method", 23, 24, True),
        ("Server.log", "method", 44, 44, False),
        ("main", "function", 46, 47, False),
        ("/charge", "function", 48, 48, False),
        ("/ping", "function", 49, 50, False),
    ]
    assert symbol(found, "main").entry == "main"
    assert symbol(found, "/charge").entry == "route /charge"
    assert symbol(found, "Server.Charge").complexity == 7


def test_decisions_lead_to_the_first_line_of_each_side() -> None:
    """A loop without end decides nothing."""
    assert [(each.line, each.kind, each.condition, each.true, each.false) for each in read(SERVER).decisions] == [
        (24, "if", "err != nil && w != nil", 25, 26),
        (26, "if", "r == nil", 27, 29),
        (29, "for", "i < 3", 30, 32),
        (36, "switch", "case 1, 2", 37, 38),
    ]


def test_calls_have_the_class_of_their_receiver_where_it_is_evident() -> None:
    """Of receivers, fields, composite literals, and what a constructor is named after."""
    found = read(SERVER)
    assert [each.callee for each in symbol(found, "Server.Charge").calls] == [
        "store.Store.Save",
        "Server.log",
        "pay.New",
        "exec.Command().Run",
        "exec.Command",
        "NewServer",
        "Server.Charge",
    ]
    assert [each.callee for each in symbol(found, "/charge").calls] == ["Server.Charge"]
    assert [each.callee for each in symbol(found, "Server").calls] == ["Base"]
    assert found.imports["pay"] == "github.com/stripe/stripe-go/v76/charge"


def test_risks_are_seen_through_imports() -> None:
    """A package of the payment service, and a program that is started."""
    kinds = {kind for kind, _, _ in symbol(read(SERVER), "Server.Charge").risks}
    assert kinds == {"money", "subprocess"}


def test_main_is_the_program_only_in_its_package() -> None:
    """Elsewhere it is a function like any other."""
    assert symbol(read("package shop\nfunc main() {\n}\n"), "main").entry == ""
