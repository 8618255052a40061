"""A shopping cart, small enough to read and branchy enough to test."""

from __future__ import annotations

from dataclasses import dataclass, field


class CartError(ValueError):
    """Says that the cart cannot do what it was asked to."""


@dataclass(frozen=True)
class Item:
    """One line of the cart; the price is in cents."""

    name: str
    price: int
    quantity: int = 1

    @property
    def total(self) -> int:
        return self.price * self.quantity


@dataclass
class Cart:
    """Holds items and a discount in percent."""

    items: list[Item] = field(default_factory=list)
    discount: int = 0

    def add(self, name: str, price: int, quantity: int = 1) -> Item:
        """Puts an item into the cart and returns it.

        Raises:
            CartError: the price is negative, or the quantity is not positive.
        """
        if price < 0:
            raise CartError(f"a price cannot be negative: {price}")
        if quantity < 1:
            raise CartError("a quantity is at least 1")
        item = Item(name, price, quantity)
        self.items.append(item)
        return item

    def apply(self, code: str) -> int:
        """Applies a discount code and returns the discount in percent."""
        if code.startswith("SAVE"):
            percent = int(code[4:] or 0)
            if not 0 < percent <= 50:
                raise CartError(f"no such discount: {code}")
            self.discount = max(self.discount, percent)
        elif code == "STAFF":
            self.discount = 30
        return self.discount

    @property
    def total(self) -> int:
        """The total in cents, after the discount."""
        full = sum(item.total for item in self.items)
        return full - full * self.discount // 100


def shipping(total: int, country: str = "DE", *, express: bool = False) -> int:
    """Computes the shipping costs in cents.

    >>> shipping(2000)
    490
    >>> shipping(5000)
    0
    """
    if country not in {"DE", "AT", "CH"}:
        raise CartError(f"we do not ship to {country}")
    cost = 0 if total >= 5000 else 490
    if country == "CH":
        cost += 900
    if express:
        cost += 1000
    return cost


def parse_line(line: str) -> Item | None:
    """Reads `name x quantity @ price`; None for an empty line or a comment."""
    line = line.strip()
    if not line or line.startswith("#"):
        return None
    name, _, rest = line.partition(" x ")
    if not rest:
        return Item(name, 0)
    quantity, _, price = rest.partition("@")
    return Item(name, int(price or 0), int(quantity))
