"""Reads conditions of Python, and of languages whose expressions are written as C's, into trees."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping

from headwater.coverage.suggestions.conditions import Chain, Constant, Expression, IsA, Name, Not, Operation, Size

CHARACTERS = 200
"""The longest condition that is looked into; what nests, nests no deeper."""


def read_condition(text: str, language: str) -> Expression | None:
    """Reads a condition; None for one that is too long or that cannot be read."""
    if not text or len(text) > CHARACTERS:
        return None
    try:
        return _python(text) if language == "python" else _CLike(text).read()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _python(text: str) -> Expression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # An odd escape in a stranger's text is theirs.
        return _Python(text).tree(ast.parse(text.strip(), mode="eval").body)


_SIGNS: Mapping[type[ast.AST], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "==",
    ast.IsNot: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Mod: "%",
}
_ASKED = {"startswith": "starts", "endswith": "ends", "startsWith": "starts", "endsWith": "ends", "equals": "=="}
_ASKED_GO = {"strings.HasPrefix": "starts", "strings.HasSuffix": "ends"}


def operation(sign: str, left: Expression, right: Expression) -> Expression:
    """Makes an operation, or the opposite of one."""
    if sign == "not in":
        return Not(Operation("in", left, right))
    return Operation(sign, left, right)


class _Python:
    """Translates a syntax tree of Python."""

    def __init__(self, text: str) -> None:
        self._text = text.strip()

    def tree(self, node: ast.expr) -> Expression:  # noqa: PLR0911 — one for each kind of expression
        match node:
            case ast.Constant(value=None | bool() | int() | float() | str() as value):
                return Constant(value)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return Constant(-value)
            case ast.List() | ast.Tuple() | ast.Set():
                items = [self.tree(each) for each in node.elts]
                values = [
                    each.value for each in items if isinstance(each, Constant) and not isinstance(each.value, tuple)
                ]
                return Constant(tuple(values)) if len(values) == len(items) else self._name(node)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.tree(operand))
            case ast.BoolOp():
                return Chain(isinstance(node.op, ast.And), tuple(self.tree(each) for each in node.values))
            case ast.Compare():
                return self._compare(node)
            case ast.BinOp() if type(node.op) in _SIGNS:
                return operation(_SIGNS[type(node.op)], self.tree(node.left), self.tree(node.right))
            case ast.NamedExpr(value=value):
                return self.tree(value)
            case ast.Call():
                return self._call(node)
            case _:
                return self._name(node)

    def _compare(self, node: ast.Compare) -> Expression:
        sides = [self.tree(each) for each in (node.left, *node.comparators)]
        parts = [operation(_SIGNS[type(sign)], sides[at], sides[at + 1]) for at, sign in enumerate(node.ops)]
        return parts[0] if len(parts) == 1 else Chain(every=True, parts=tuple(parts))

    def _call(self, node: ast.Call) -> Expression:
        match node:
            case ast.Call(func=ast.Name(id="len"), args=[of]):
                return Size(self._name(of))
            case ast.Call(func=ast.Name(id="isinstance"), args=[of, kinds]):
                named = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]
                return IsA(self._name(of), tuple(self._name(each).text for each in named))
            case ast.Call(func=ast.Attribute(value=of, attr=asked), args=[argument]) if asked in _ASKED:
                return Operation(_ASKED[asked], self._name(of), self.tree(argument))
            case _:
                return self._name(node)

    def _name(self, node: ast.expr) -> Name:
        return Name(ast.get_source_segment(self._text, node) or self._text)


_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`$]*`)|(?P<number>\d[\w.]*)|(?P<name>[A-Za-z_$@][\w$]*)"""
    r"|(?P<sign>===|!==|\?\.|&&|\|\||==|!=|<=|>=|[-+*/%<>!.,()\[\]]))"
)
_CONSTANTS = {"true": True, "false": False, "null": None, "nil": None, "undefined": None}
_EQUALITY = {"===": "==", "!==": "!="} | {sign: sign for sign in ("==", "!=", "<", "<=", ">", ">=")}
_SIZES = frozenset({"length", "size", "Length", "Count"})
_EMPTY = frozenset({"isEmpty"})
_NUMBER = re.compile(r"\d+(?P<rest>\.\d+)?[lLfFdDmMuU]*\Z")


class _CLike:
    """Reads an expression by descent, one method a level of precedence."""

    def __init__(self, text: str) -> None:
        self._text = text.rpartition(";")[2] if ";" in text else text
        self._at = 0

    def read(self) -> Expression:
        tree = self._chain("||")
        if self._peek()[1]:
            raise ValueError(self._text)
        return tree

    def _chain(self, sign: str) -> Expression:
        inner = self._comparison if sign == "&&" else lambda: self._chain("&&")
        parts = [inner()]
        while self._take(sign):
            parts.append(inner())
        return parts[0] if len(parts) == 1 else Chain(sign == "&&", tuple(parts))

    def _comparison(self) -> Expression:
        left = self._sum()
        sign = self._peek()[1]
        if sign in _EQUALITY:
            self._next()
            right = self._sum()
            return _typed(left, right) or operation(_EQUALITY[sign], left, right)
        if sign in {"is", "instanceof"}:
            self._next()
            return self._is(left)
        return left

    def _is(self, left: Expression) -> Expression:
        opposite = self._take("not")
        right = self._sum()
        if self._peek()[0] == "name":
            self._next()  # The name that a pattern binds.
        found: Expression
        if isinstance(right, Name) and isinstance(left, Name):
            found = IsA(left, (right.text,))
        else:
            found = Operation("==", left, right)
        return Not(found) if opposite else found

    def _sum(self) -> Expression:
        left = self._unary()
        while (sign := self._peek()[1]) in {"+", "-", "*", "%"}:
            self._next()
            left = Operation(sign, left, self._unary())
        return left

    def _unary(self) -> Expression:
        if self._take("!"):
            return Not(self._unary())
        if self._take("-"):
            inner = self._unary()
            if isinstance(inner, Constant) and isinstance(inner.value, int | float):
                return Constant(-inner.value)
            raise ValueError(self._text)
        if self._take("("):
            inner = self._chain("||")
            self._expect(")")
            return inner
        return self._primary()

    def _primary(self) -> Expression:
        start = self._start()
        kind, token = self._next()
        if kind == "text":
            return self._text_member(Constant(token[1:-1]))
        if kind == "number":
            found = _NUMBER.match(token)
            if found is None:
                raise ValueError(self._text)
            digits = token.rstrip("lLfFdDmMuU")
            return Constant(float(digits) if found["rest"] else int(digits))
        if kind != "name":
            raise ValueError(self._text)
        if token in _CONSTANTS:
            return Constant(_CONSTANTS[token])
        if (kind, token) == ("name", "typeof"):
            return Name(f"typeof {self._text[self._start() : self._postfix_end()].strip()}")
        return self._postfix(start)

    def _text_member(self, text: Constant) -> Expression:
        """Reads what follows a text: `"paid".equals(status)`."""
        if not self._take("."):
            return text
        _, member = self._next()
        if member != "equals" or not self._take("("):
            raise ValueError(self._text)
        other = self._chain("||")
        self._expect(")")
        return Operation("==", other, text)

    def _postfix_end(self) -> int:
        self._unary()
        return self._at

    def _postfix(self, start: int) -> Expression:
        """Reads what follows a name: members, calls and indexes; a length and a test of a text are understood."""
        while True:
            before = self._text[start : self._at].strip()
            if self._take(".") or self._take("?."):
                found = self._member(Name(before))
            elif self._take("("):
                found = self._called(before)
            elif self._take("["):
                found = self._arguments("]")
            else:
                return Name(before)
            if found is not None:
                return found

    def _member(self, of: Name) -> Expression | None:
        kind, member = self._next()
        if kind != "name":
            raise ValueError(self._text)
        if member in _SIZES and (not self._take("(") or self._take(")")):
            return Size(of)
        if member in _EMPTY and self._take("("):
            self._expect(")")
            return Operation("==", Size(of), Constant(0))
        if member in _ASKED and self._take("("):
            return self._asked(_ASKED[member], of)
        return None

    def _called(self, name: str) -> Expression | None:
        if name == "len":
            return self._length()
        if name in _ASKED_GO:
            return self._asked_go(_ASKED_GO[name])
        return self._arguments(")")

    def _asked(self, sign: str, of: Name) -> Expression:
        argument = self._chain("||")
        self._expect(")")
        return Operation(sign, of, argument)

    def _asked_go(self, sign: str) -> Expression:
        of = self._sum()
        self._expect(",")
        argument = self._sum()
        self._expect(")")
        return Operation(sign, of, argument)

    def _length(self) -> Expression:
        of = self._sum()
        self._expect(")")
        if not isinstance(of, Name):
            raise ValueError(self._text)  # noqa: TRY004 — it is the text that is not understood
        return Size(of)

    def _arguments(self, close: str) -> None:
        """Goes past what a call or an index is given."""
        while not self._take(close):
            self._chain("||")
            self._take(",")

    def _peek(self) -> tuple[str, str]:
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            if self._text[self._at :].strip():
                raise ValueError(self._text)
            return "", ""
        return found.lastgroup or "", found[found.lastgroup or 0]

    def _start(self) -> int:
        found = _TOKEN.match(self._text, self._at)
        return found.start(found.lastgroup or 0) if found is not None else self._at

    def _next(self) -> tuple[str, str]:
        kind, token = self._peek()
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise ValueError(self._text)
        self._at = found.end()
        return kind, token

    def _take(self, sign: str) -> bool:
        kind, token = self._peek()
        if token != sign or kind == "text":
            return False
        self._next()
        return True

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise ValueError(self._text)


def _typed(left: Expression, right: Expression) -> Expression | None:
    """Reads `typeof x === "string"`."""
    match left, right:
        case Name(text=asked), Constant(value=str(kind)) if asked.startswith("typeof "):
            return IsA(Name(asked.removeprefix("typeof ")), (kind,))
        case _:
            return None
