"""Writes projects for the tests of package mode."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

CART = """class Cart:
    def __init__(self) -> None:
        self.prices: list[int] = []

    def add(self, price: int) -> None:
        if price < 0:
            raise ValueError("a price is not negative")
        self.prices.append(price)

    def total(self) -> int:
        return sum(self.prices)
"""
ROUTES = """def route(path: str) -> str:
    if path == "/":
        return "home"
    if path.startswith("/cart"):
        return "cart"
    return "missing"
"""
CART_TESTS = """from shop.cart import Cart
import pytest


def test_total() -> None:
    cart = Cart()
    cart.add(2)
    assert cart.total() == 2


def test_negative() -> None:
    with pytest.raises(ValueError, match="not negative"):
        Cart().add(-1)
"""
SHOP = {
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n',
    "src/shop/__init__.py": "",
    "src/shop/cart.py": CART,
    "src/shop/api/__init__.py": "",
    "src/shop/api/cart.py": ROUTES,
}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Writes files below a folder, and returns it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def commit(folder: Path) -> None:
    """Commits all that lies in a folder."""
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
    for words in (("init", "-q"), ("add", "-A"), (*who, "commit", "-q", "-m", "a change")):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
