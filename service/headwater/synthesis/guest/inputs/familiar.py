"""Knows values that people write down in tests: what an e-mail address, a price or a quantity looks like.

A value is chosen by what it is called. Names are taken apart into words, and the last word that is known decides.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

Values = Tuple[str, ...]
Told = Mapping[str, Sequence[str]]
"""Expressions by kind that a function is likely to tell apart."""
PEOPLE: Values = ("Alice", "Bob")
GOODS: Values = ("book", "pen")
TEXTS: Mapping[str, Values] = {
    "email mail recipient": ("alice@example.com", "bob@example.org"),
    "url uri link href website homepage": ("https://example.com/docs", "http://example.org"),
    "user username author owner customer client person employee member student buyer seller guest player":
        PEOPLE,
    "item product article good": GOODS,
    "sku": ("SKU-1", "SKU-2"),
    "number reference": ("A-100", "B-200"),
    "state status": ("active", "closed"),
    "title subject headline": ("Hello World", "Annual Report"),
    "description summary comment note": ("a short note", "fragile"),
    "message greeting": ("hello there", "goodbye"),
    "text content sentence paragraph body": ("hello world", "hello"),
    "reason cause": ("out of stock", "too late"),
    "word term token": ("hello", "world"),
    "key field column attribute property": ("color", "size"),
    "value": ("red", "blue"),
    "color colour": ("red", "blue"),
    "country": ("DE", "FR"),
    "currency": ("EUR", "USD"),
    "language lang locale": ("en", "de"),
    "city town place location": ("Berlin", "Paris"),
    "street address": ("1 Main Street", "5 Park Lane"),
    "phone telephone mobile": ("+1 555 0100", "555-0199"),
    "zip zipcode postcode": ("10115", "75001"),
    "password secret passphrase": ("s3cret", "password1"),
    "file filename path": ("report.txt", "notes.md"),
    "folder directory dir": ("docs", "images"),
    "extension ext": (".txt", ".csv"),
    "host hostname server domain": ("example.com", "localhost"),
    "tag label category topic group": ("news", "sports"),
    "code coupon voucher": ("ABC123", "XYZ789"),
    "role": ("admin", "editor"),
    "unit": ("kg", "cm"),
    "query keyword search": ("python", "cats"),
    "version": ("1.2.3", "2.0"),
    "slug": ("hello-world", "about-us"),
    "date": ("2024-01-15", "2023-12-31"),
    "time": ("12:30", "00:00"),
    "separator sep delimiter": ("-", ","),
    "prefix": ("pre", "un"),
    "suffix": ("_old", "_new"),
    "line row": ("hello world", "hello"),
    "company organization brand": ("Acme", "Globex"),
    "department team": ("sales", "support"),
}  # fmt: skip
"""Texts by the words of what they are called."""
INTEGERS: Mapping[str, Values] = {
    "id identifier number": ("1", "2"),
    "quantity qty copies pieces": ("2", "3"),
    "price cost fee amount total subtotal balance budget salary payment deposit cents": ("100", "250"),
    "percent percentage discount": ("10", "25"),
    "age": ("30", "17"),
    "year": ("2024", "1999"),
    "month": ("6", "12"),
    "day": ("15", "1"),
    "hour": ("12", "23"),
    "port": ("8080", "443"),
    "limit capacity": ("2", "10"),
    "stock": ("10", "5"),
    "score points": ("80", "45"),
    "width columns": ("20", "10"),
    "second minute": ("60", "10"),
    "now timestamp": ("100", "130"),
    "x": ("3", "4"),
    "y": ("4", "3"),
    "n": ("5", "3"),
}
"""Whole numbers by the words of what they are called."""
FRACTIONS: Mapping[str, Values] = {
    "price cost fee": ("9.99", "25.0"),
    "amount total subtotal balance budget salary payment deposit": ("100.0", "25.5"),
    "rate ratio fraction probability": ("0.5", "0.25"),
    "percent percentage discount": ("10.0", "25.0"),
    "weight mass": ("2.5", "10.0"),
    "distance length height": ("12.5", "3.0"),
    "temperature": ("20.5", "-3.0"),
    "latitude lat": ("52.5", "48.9"),
    "longitude lon lng": ("13.4", "2.4"),
}
"""Other numbers by the words of what they are called."""
DAYS: Mapping[str, Values] = {
    "start begin since from issued created signed date day": ("2024, 1, 15", "2024, 2, 29"),
    "end until to due today expiry expires deadline": ("2024, 2, 29", "2024, 3, 31"),
    "birth birthday birthdate born": ("1990, 5, 17", "2004, 2, 29"),
}
"""Dates by the words of what they are called."""
TABLES = {"str": TEXTS, "int": INTEGERS, "float": FRACTIONS, "Decimal": FRACTIONS, "date": DAYS, "datetime": DAYS}
WRITTEN = {"str": '"{}"', "Decimal": 'decimal.Decimal("{}")', "date": "datetime.date({})",
           "datetime": "datetime.datetime({}, 12, 30)"}  # fmt: skip
"""How a value of a kind is written in Python, if not as it is."""
PARTS_OF_A_NAME = frozenset({"first", "last", "full", "family", "display"})
TRADE = frozenset({"price", "quantity", "sku", "stock", "cart", "item", "product", "cost"})
"""Words that stand beside the name of something that is sold."""
SOCIAL = frozenset({"email", "age", "birthday", "password", "user", "person", "customer", "employee", "role"})
"""Words that stand beside the name of somebody."""
TECHNICAL = frozenset(
    {"host", "port", "database", "table", "file", "module", "node", "server", "event", "queue", "timer"}
)
"""Words that stand beside the name of a part of a machine or of a program."""
VAGUE = frozenset({
    "item", "product", "article", "good", "user", "author", "owner", "employee", "member", "student", "player", "text",
    "content", "body", "token", "key", "field", "column", "attribute", "property", "value", "location", "date", "time",
    "group", "row", "line", "version", "unit", "role", "host", "server", "address", "file", "path", "query", "search",
})  # fmt: skip
"""Words for texts that are as well words for other things."""
GENERIC = frozenset({"address", "text", "string", "value", "field", "line"})
"""Words that say less than the one before."""
SHORTEST = 4
"""A word below this that ends in an s is no plural."""


class Telling(Dict[str, Sequence[str]]):
    """What is told apart, and what the value is called that it is for."""

    def __init__(self, by_kind: Told, name: str, beside: Sequence[str] = ()) -> None:
        """Takes as well the names that stand `beside` it: the other parameters, the function, its class."""
        super().__init__(by_kind)
        self.name = name
        self.beside = beside


def values_of(kind: str, plain: Sequence[str], telling: Told, most: Optional[int] = None) -> List[str]:
    """Returns the values of a kind: familiar ones or the plainest, what is told apart, then the other plain ones."""
    known = familiar(telling.name, kind, telling.beside) if isinstance(telling, Telling) else ()
    return list(dict.fromkeys([*(known or plain[:1]), *telling.get(kind, ())[:most], *plain]))


def familiar(name: str, kind: str, beside: Sequence[str] = ()) -> Values:
    """Returns expressions that somebody would write for a value of this name and kind; none for an unknown name."""
    if kind not in TABLES:
        return ()
    words = _words(name)
    found = _texts(words, beside) if kind == "str" else _by_word(words, kind)
    return tuple(WRITTEN.get(kind, "{}").format(each) for each in found)


def is_text(name: str) -> bool:
    """Whether what is called so is a text, whoever calls it so."""
    word = _words(name)[-1:]
    return not VAGUE.issuperset(word) and word[0] in _index("str")


def _texts(words: Sequence[str], beside: Sequence[str]) -> Values:
    """Returns texts; whose name something is stands before the word, or beside it."""
    around = {word for each in beside for word in _words(each)}
    in_class = any(each[:1].isupper() for each in beside)
    if words[-1:] in (["name"], ["title"], ["description"]) and len(words) == 1 and around & TRADE:
        return GOODS
    if words[-1:] != ["name"]:
        return _by_word(words, "str")
    if len(words) > 1:
        of = words[-2]
        return _by_word(words[:-1], "str") or (PEOPLE if of in PARTS_OF_A_NAME else (f"{of}1", f"{of}2"))
    if around & TECHNICAL:
        return "main", "backup"
    return PEOPLE if around & SOCIAL or not in_class else ("first", "second")


def _by_word(words: Sequence[str], kind: str) -> Values:
    """Returns the values of the last word, or of the one before where that says more, as in `email_address`."""
    known = _index(kind)
    generic = len(words) > 1 and words[-1] in GENERIC and words[-2] in known
    return known.get(words[-2 if generic else -1], ()) if words else ()


@lru_cache(maxsize=len(TABLES))
def _index(kind: str) -> Mapping[str, Values]:
    """Returns the values of a kind by each single word."""
    return {word: values for group, values in TABLES[kind].items() for word in _words(group)}


def _words(name: str) -> List[str]:
    """Takes a name apart, each word in the singular."""
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
    return [word[:-1] if len(word) >= SHORTEST and re.search(r"[^su]s$", word) else word for word in words]
