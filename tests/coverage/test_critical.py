"""Critical paths lead from an entry point to a risk, lack coverage, and say why they matter."""

from __future__ import annotations

from headwater.coverage import Count
from headwater.coverage.calls.critical import critical_paths
from tests.coverage.trees import graph_of

PY = {
    "shop/urls.py": "from django.urls import path\nfrom . import views\nurls = [path('pay/', views.buy)]\n",
    "shop/views.py": """
        from shop.payment import charge_card
        @app.post("/charge")
        def checkout(request):
            return _validated(request)
        def _validated(request):
            return charge_card(request)
        def buy(request):
            return charge_card(request)
    """,
    "shop/payment.py": """
        import stripe
        import subprocess
        def charge_card(amount):
            '''Charges.'''
            if amount <= 0:
                raise ValueError
            return stripe.Charge.create(amount=amount)
        def _report():
            subprocess.run(["x"])
    """,
}
CHARGE = ("shop/payment.py", "charge_card")
COUNTS = {
    ("shop/views.py", "checkout"): Count(covered=1, total=1),
    ("shop/views.py", "_validated"): Count(covered=1, total=1),
    ("shop/views.py", "buy"): Count(covered=0, total=1),
    CHARGE: Count(covered=0, total=3),
    ("shop/payment.py", "_report"): Count(covered=0, total=1),
}


def test_a_path_says_how_the_risk_is_reached_and_what_is_not_covered() -> None:
    """From the route, by the shortest chain, with the risk's line."""
    files = {name: text for name, text in PY.items() if name != "shop/urls.py"}
    (found,) = critical_paths(graph_of(files), COUNTS, {CHARGE: ["g1", "g2"]}, 10)
    assert found.path == "shop/payment.py::charge_card"
    assert found.chain == ("shop/views.py::checkout", "shop/views.py::_validated", "shop/payment.py::charge_card")
    assert (found.entry, found.risk, found.gaps) == ("route", "money", ("g1", "g2"))
    assert found.line_percent == 40.0
    assert 0 < found.score <= 100
    assert found.why == (
        "POST /charge (route `checkout`) reaches `charge_card` through `_validated`, which moves money "
        "(`stripe.Charge.create`, line 7); 0 of 3 lines of the chain's last function are covered"
    )


def test_a_registered_view_is_told_by_its_route() -> None:
    """The shorter chain, over the view that Django's urls name, comes first."""
    (found,) = critical_paths(graph_of(PY), COUNTS, {}, 10)
    assert found.chain == ("shop/urls.py::pay/", "shop/views.py::buy", "shop/payment.py::charge_card")
    assert found.why.startswith("pay/ (route `buy`) reaches `charge_card`, which moves money")


def test_what_is_covered_is_no_finding() -> None:
    """Unless a gap is left on it, such as an arm that was never taken."""
    graph = graph_of(PY)
    whole = {key: Count(covered=each.total, total=each.total) for key, each in COUNTS.items()}
    assert critical_paths(graph, whole, {}, 10) == ()
    (found,) = critical_paths(graph, whole, {CHARGE: ["g1"]}, 10)
    assert found.gaps == ("g1",)
    assert 0 < found.score < 10


def test_without_coverage_nothing_is_said() -> None:
    """A path is about what tests lack."""
    assert critical_paths(graph_of(PY), {}, {}, 10) == ()


def test_the_worst_come_first_and_no_more_than_asked_for() -> None:
    """Money before files; less coverage before more."""
    graph = graph_of(
        {
            "app.py": """
            import stripe
            @app.get("/a")
            def a(): _money(); _file(); _half()
            def _money(): stripe.Charge.create()
            def _file(): open("x")
            def _half(): stripe.Charge.create()
        """
        }
    )
    counts = {("app.py", name): Count(covered=0, total=4) for name in ("a", "_money", "_file")}
    counts["app.py", "_half"] = Count(covered=2, total=4)
    found = critical_paths(graph, counts, {}, 10)
    assert [each.path for each in found] == ["app.py::_money", "app.py::_half", "app.py::_file"]
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert critical_paths(graph, counts, {}, 1) == found[:1]


def test_of_chains_of_one_length_the_least_covered_is_told() -> None:
    """Which is the worst."""
    graph = graph_of(
        {
            "app.py": """
            @app.get("/a")
            def a(): _x(); _y()
            def _x(): _sink()
            def _y(): _sink()
            def _sink(): eval("1")
        """
        }
    )
    counts = {
        ("app.py", "a"): Count(covered=2, total=2),
        ("app.py", "_x"): Count(covered=1, total=1),
        ("app.py", "_y"): Count(covered=0, total=1),
        ("app.py", "_sink"): Count(covered=1, total=1),
    }
    (found,) = critical_paths(graph, counts, {}, 10)
    assert found.chain == ("app.py::a", "app.py::_y", "app.py::_sink")


def test_an_entry_that_is_known_goes_before_the_public_interface() -> None:
    """And the interface is told where there is nothing else."""
    graph = graph_of(
        {
            "lib.py": """
            import shutil
            def clean(path): _drop(path)
            def _drop(path): shutil.rmtree(path)
        """,
            "app.py": """
            from lib import _drop
            if __name__ == "__main__":
                far()
            def far(): _drop("x")
        """,
        }
    )
    counts = {("lib.py", "_drop"): Count(covered=0, total=1), ("app.py", "far"): Count(covered=0, total=1)}
    (found,) = critical_paths(graph, counts, {}, 10)
    assert found.entry == "main"
    assert found.why.startswith("Running the file reaches `_drop` through `far`, which works on files")
    (alone,) = critical_paths(
        graph_of({"lib.py": "import shutil\ndef clean(path):\n    shutil.rmtree(path)\n"}),
        {("lib.py", "clean"): Count(covered=0, total=1)},
        {},
        10,
    )
    assert alone.entry == "public"
    assert alone.why.startswith("The public function `clean` works on files (`shutil.rmtree`, line 3)")


def test_a_file_that_no_report_names_counts_as_not_covered() -> None:
    """It was never imported by a test."""
    graph = graph_of(
        {
            "app.py": 'from lib import drop\n@app.get("/a")\ndef a():\n    drop()\n',
            "lib.py": "import os\ndef drop():\n    x = 1\n    os.remove(x)\n",
        }
    )
    (found,) = critical_paths(graph, {("app.py", "a"): Count(covered=1, total=1)}, {}, 10)
    assert found.line_percent == 100 / 3
    assert "0 of 2 lines" in found.why


def test_a_call_that_is_known_only_by_its_name_is_told_as_such() -> None:
    """So that a reader can judge."""
    graph = graph_of(
        {
            "app.py": '@app.get("/a")\ndef a(bank):\n    bank.move_all()\n',
            "bank.py": "import stripe\nclass Bank:\n    def move_all(self):\n        stripe.Transfer.create()\n",
        }
    )
    (found,) = critical_paths(graph, {("bank.py", "Bank.move_all"): Count(covered=0, total=1)}, {}, 10)
    assert "that `Bank.move_all` is meant is known only from its name, which nothing else here has" in found.why


def test_a_risk_that_is_known_by_a_name_says_so() -> None:
    """There is no call to show."""
    graph = graph_of({"a.go": "package a\nfunc ChargeCard(n int) int {\n\treturn n\n}\n"})
    (found,) = critical_paths(graph, {("a.go", "ChargeCard"): Count(covered=0, total=1)}, {}, 10)
    assert "moves money (by its name, line 2)" in found.why
