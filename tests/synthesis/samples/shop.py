"""A module with one of each kind of thing that can be called."""

# ruff: noqa: ANN001, N818, PTH123, RUF005 — code under test, as strangers write it

import asyncio
import enum
import random
from collections.abc import Iterator
from dataclasses import dataclass, field


class OutOfStock(Exception):
    """Raised when there is not enough of something."""


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"

    @property
    def factor(self) -> int:
        return 2 if self is Size.LARGE else 1


@dataclass
class Item:
    name: str
    price: float
    size: Size = Size.SMALL


@dataclass
class Cart:
    items: list[Item] = field(default_factory=list)

    def add(self, item: Item, count: int = 1) -> None:
        """Adds an item.

        Raises:
            ValueError: if count is below one.
        """
        if count < 1:
            raise ValueError(f"count must be positive, not {count}")
        self.items.extend([item] * count)

    @property
    def total(self) -> float:
        return sum(item.price * item.size.factor for item in self.items)

    def __len__(self) -> int:
        return len(self.items)


def discount(price: float, percent: int) -> float:
    """Takes a percentage off.

    >>> discount(200.0, 10)
    180.0
    """
    if percent < 0 or percent > 100:
        raise ValueError("percent must lie between 0 and 100")
    if percent == 37:
        return price / 7
    return price * (100 - percent) / 100


def parse_size(text: str | None) -> Size | None:
    if not text:
        return None
    for size in Size:
        if text.lower() in (size.value, size.name.lower()):
            return size
    raise OutOfStock("no such size: " + text)


def countdown(start: int) -> Iterator[int]:
    while start > 0:
        yield start
        start -= 1


async def fetch(name: str) -> str:
    await asyncio.sleep(0)
    if name == "boom":
        raise KeyError(name)
    return name.upper()


def greet(name: str) -> None:
    print("Hello, " + (name or "stranger") + "!")


def count_lines(path) -> int:
    with open(path) as file:
        return len(file.readlines())


def pick(options: list[int]) -> int:
    return random.choice(options + [1, 2, 3, 4, 5])


def index_words(words: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    words.clear()
    return found
