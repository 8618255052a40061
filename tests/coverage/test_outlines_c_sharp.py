"""C# is outlined: attributes and calls make entry points, and fields, parameters and variables have classes."""

from __future__ import annotations

from textwrap import dedent

from headwater.coverage.outline import Outline, Symbol
from headwater.coverage.outlines import outline

CART = """
    using Acme.Pay;
    using IO = System.IO;

    namespace Acme.Shop;

    [ApiController]
    [Route("api/[controller]")]
    public class CartController(IGateway gateway) : ControllerBase
    {
        private readonly Store _store = new Store();
        public int Plain { get; set; }
        public int Twice => Calc() * 2;

        [HttpPost("charge/{id}")]
        public async Task<int> Charge([FromBody] Order order, int n = 2)
        {
            if (n > 0 && order != null)
            {
                await gateway.ChargeAsync(1);
            }
            else if (n < 0) Log();
            foreach (var item in order.Items())
            {
                _store.Save(item);
            }
            switch (n)
            {
                case 1:
                    Log();
                    break;
                default:
                    break;
            }
            try
            {
                var cart = new Cart();
                cart.Total();
            }
            catch (IOException error)
            {
                Log();
            }
            return n == 1 ? 1 : this.Calc();
        }

        int Calc() { throw new NotImplementedException(); }

        [ExcludeFromCodeCoverage]
        void Log()
        {
        }
    }

    public interface IGateway
    {
        Task ChargeAsync(int amount);
    }
"""


def read(text: str = CART, path: str = "Shop/CartController.cs") -> Outline:
    found = outline(path, dedent(text).lstrip("\n"))
    assert found is not None
    return found


def symbol(found: Outline, name: str) -> Symbol:
    return next(each for each in found.symbols if each.name == name)


def test_symbols_are_methods_and_properties_with_code() -> None:
    """A property without code is a field; a method of an interface has no body."""
    found = read()
    assert [(each.name, each.kind, each.first, each.body) for each in found.symbols if each.kind != "module"] == [
        ("CartController", "class", 6, 10),
        ("CartController.Twice", "method", 12, 12),
        ("CartController.Charge", "method", 14, 17),
        ("CartController.Calc", "method", 46, 46),
        ("CartController.Log", "method", 48, 51),
        ("IGateway", "class", 54, 56),
        ("IGateway.ChargeAsync", "method", 56, 57),
    ]
    assert found.module == "Acme.Shop"
    assert found.imports == {"*Acme.Pay": "Acme.Pay", "IO": "System.IO"}
    assert found.skipped == {46, 48, 49, 50, 51}
    assert symbol(found, "CartController.Charge").complexity == 8


def test_decisions_lead_to_the_first_line_of_each_side() -> None:
    """Handlers are bodies of `catch`."""
    found = read()
    assert [(each.line, each.kind, each.condition, each.true, each.false) for each in found.decisions] == [
        (17, "if", "n > 0 && order != null", 19, 21),
        (21, "if", "n < 0", 21, 22),
        (22, "for", "item in order.Items()", 24, 26),
        (28, "switch", "case 1", 29, 31),
        (43, "ternary", "n == 1", 43, 43),
    ]
    assert found.handlers == ((41, 41),)


def test_calls_have_the_class_of_their_receiver() -> None:
    """Of primary constructors, fields, parameters and variables."""
    assert [each.callee for each in symbol(read(), "CartController.Charge").calls] == [
        "IGateway.ChargeAsync",
        "Log",
        "Order.Items",
        "Store.Save",
        "Log",
        "Cart",
        "Cart.Total",
        "Log",
        "this.Calc",
    ]


def test_entry_points_are_known_by_attributes_and_registrations() -> None:
    """Controllers, minimal APIs, and statements at the top."""
    assert symbol(read(), "CartController.Charge").entry == "route POST /api/cart/charge/{id}"
    program = read(
        """
        var app = Build();
        app.MapPost("/charge", (Order order) => Pay(order));
        app.MapGet("/ping", Ping);
        """,
        "Program.cs",
    )
    assert symbol(program, "<module>").entry == "main"
    assert symbol(program, "POST /charge").entry == "route POST /charge"
    assert [each.callee for each in symbol(program, "GET /ping").calls] == ["Ping"]
