"""The text of tests in Go, in the package of the code under test."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from headwater.pipeline.languages import Cutter, Look
from headwater.pipeline.languages.cutting import Classify, Cuts, TreeCutter
from headwater.pipeline.languages.trees import fault, lines, parse, text, walk, with_identifier, words
from headwater.pipeline.pieces import Piece

DIALECT = "go"
FENCES = frozenset({"", "go", "golang"})
CERTAIN = re.compile(r"(?:func|import|var|const|type|package)\b")
ENDS = re.compile(r"^(?!//).*\S")
BEGINS = re.compile(r"^func (?P<name>Test\w*)\(", re.MULTILINE)
TEST = re.compile(r"Test(?![a-z])\w*")
CHECKS = re.compile(r"\w+\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\b|(?:assert|require)\.\w+")
BINDING = frozenset({"short_var_declaration", "var_spec", "const_spec", "parameter_declaration", "range_clause"})
SCOPES = frozenset(
    {"block", "function_declaration", "method_declaration", "func_literal", "if_statement", "for_statement"}
    | {"expression_switch_statement", "type_switch_statement", "expression_case", "type_case", "communication_case"}
)
PLAIN = (
    *("bufio", "bytes", "cmp", "context", "errors", "expvar", "flag", "fmt", "hash", "html", "io", "iter", "log"),
    *("maps", "math", "net", "os", "path", "reflect", "regexp", "runtime", "slices", "sort", "strconv", "strings"),
    *("sync", "testing", "time", "unicode"),
)
KNOWN: Mapping[str, str] = dict(zip(PLAIN, PLAIN, strict=True)) | {
    path.rpartition("/")[2]: path
    for path in (
        *("container/heap", "container/list", "crypto/md5", "crypto/sha1", "crypto/sha256", "encoding/base64"),
        *("encoding/binary", "encoding/csv", "encoding/hex", "encoding/json", "encoding/xml", "hash/fnv"),
        *(
            "html/template",
            "io/fs",
            "math/big",
            "math/bits",
            "math/cmplx",
            "math/rand",
            "net/http",
            "net/http/httptest",
        ),
        *("net/netip", "net/url", "os/exec", "path/filepath", "runtime/debug", "sync/atomic", "testing/fstest"),
        *("testing/iotest", "testing/quick", "text/tabwriter", "unicode/utf8", "unicode/utf16"),
    )
}
"""Packages of the standard library that answers use, and now and then forget to import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoGrammar:
    """Writes test files of one package, in that package itself."""

    package: str

    def cutter(self) -> Cutter:
        """Cuts at top-level declarations."""
        return TreeCutter(
            Cuts(dialect=DIALECT, fences=FENCES, certain=CERTAIN, ends=ENDS, classify=_classified(self.package))
        )

    def compose(self, header: str, imports: Sequence[str], helpers: Sequence[str], tests: Sequence[str]) -> str:
        """Returns a whole file; what it uses of the standard library is imported, and nothing else."""
        kept = list(_needed(dict.fromkeys(helpers), tests))
        used = frozenset[str]().union(*(_qualifiers(parse(code, DIALECT)) for code in [*kept, *tests]))
        comment = "\n".join(f"// {line}".rstrip() for line in header.strip().splitlines())
        blocks = [comment, f"package {self.package}", _imports(imports, used), *kept, *tests]
        return "\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"

    def rename(self, code: str, old: str, new: str) -> str:
        """Gives a test function another name."""
        return with_identifier(code, DIALECT, old, new)

    def look(self, code: str) -> Look:
        """Reads one test; what it asserts are its checks, with the condition that leads to them."""
        root = parse(code, DIALECT)
        return Look(fault=fault(root), assertions=tuple(dict.fromkeys(_checks(root))))


def package_of(source: str) -> str:
    """Returns the package that a file belongs to."""
    for node in parse(source, DIALECT).named_children:
        if node.type == "package_clause":
            return text(node.named_children[0])
    return ""


def imported(code: str) -> dict[str, str]:
    """Returns the paths of the packages that a file imports, by the names that they have in it."""
    specs = (each for each in walk(parse(code, DIALECT)) if each.type == "import_spec")
    paths = (
        (text(each.child_by_field_name("path")).strip('"`'), text(each.child_by_field_name("name"))) for each in specs
    )
    return {alias or _last(path): path for path, alias in paths}


def tests_at(code: str) -> list[tuple[str, int, int]]:
    """Lists the test functions of a file with their first and last lines."""
    found = (node for node in parse(code, DIALECT).named_children if node.type == "function_declaration")
    return [(name, *lines(node)) for node in found if TEST.fullmatch(name := text(node.child_by_field_name("name")))]


def _classified(package: str) -> Classify:
    outside = re.compile(rf"\b{re.escape(package)}\.(?=[A-Z])")

    def classify(node: Node, above: str) -> Iterable[Piece]:
        code = f"{above}\n{text(node)}" if above else text(node)
        line = lines(node)[0]
        if node.type == "package_clause":
            return
        if node.type == "import_declaration":
            yield Piece(kind="import", name="import", names=("import",), code=code, line=line)
            return
        code = outside.sub("", code)
        names = tuple(declared(node))
        if node.type == "function_declaration" and TEST.fullmatch(names[0]) and names[0] != "TestMain":
            yield Piece(kind="test", name=names[0], names=names, code=code, line=line)
        elif names and (names[0] in {"init", "TestMain"} or re.match(r"(?:Benchmark|Fuzz|Example)(?![a-z])", names[0])):
            yield Piece(kind="broken", name=names[0], code=code, line=line, detail=f"{names[0]} is no test")
        else:
            yield Piece(kind="helper", name=names[0] if names else "", names=names, code=code, line=line)

    return classify


def declared(node: Node) -> Iterator[str]:
    """Yields the names that a top-level declaration binds; a method's with that of its type."""
    match node.type:
        case "function_declaration":
            yield text(node.child_by_field_name("name"))
        case "method_declaration":
            receiver = text(node.child_by_field_name("receiver")).strip("()").split(" ")[-1].lstrip("*")
            yield f"{receiver}.{text(node.child_by_field_name('name'))}"
        case _:
            specs = {"var_spec", "const_spec", "type_spec", "type_alias"}
            for each in walk(node):
                if each.type in specs:
                    yield from (text(name) for name in each.children_by_field_name("name"))


def _needed(helpers: Iterable[str], tests: Sequence[str]) -> Iterator[str]:
    """Yields the helpers that the tests need, in their order; a method is needed with its type."""
    trees = {code: parse(code, DIALECT) for code in helpers}
    names = {
        code: {name.partition(".")[0] for node in root.named_children for name in declared(node)}
        for code, root in trees.items()
    }
    reached = set[str]().union(*(words(parse(test, DIALECT)) for test in tests))
    kept: set[str] = set()
    while fresh := {code for code in trees.keys() - kept if names[code] & reached}:
        kept |= fresh
        reached |= set[str]().union(*(words(trees[code]) for code in fresh))
    yield from (code for code in trees if code in kept)


def _qualifiers(root: Node) -> frozenset[str]:
    """Returns the names before a dot that stand for packages, for nothing of the text itself is called so there."""
    own = list(_locals(root))
    before = (node.children[0] for node in walk(root) if node.type in {"selector_expression", "qualified_type"})
    named = ((text(node), node.start_byte) for node in before if node.type in {"identifier", "package_identifier"})
    return frozenset(
        name for name, at in named if not any(name == each and start <= at < end for each, start, end in own)
    )


def _locals(root: Node) -> Iterator[tuple[str, int, int]]:
    """Yields the names that functions bind, each with where it holds: from behind its binding to the scope's end."""
    for node in walk(root):
        if node.type in BINDING:
            scope = node.parent
            while scope is not None and scope.type not in SCOPES:
                scope = scope.parent
            left = node.child_by_field_name("left")
            names = left.named_children if left is not None else node.children_by_field_name("name")
            for name in names if scope is not None else ():
                yield text(name), node.end_byte, scope.end_byte if scope is not None else 0


def _imports(imports: Sequence[str], used: frozenset[str]) -> str:
    found: dict[str, str] = {}
    for node in (each for code in imports for each in walk(parse(code, DIALECT)) if each.type == "import_spec"):
        path, alias = text(node.child_by_field_name("path")).strip('"`'), text(node.child_by_field_name("name"))
        name = alias or _last(path)
        if name in used or alias in {"_", "."}:
            found.setdefault(name, f'{alias} "{path}"' if alias else f'"{path}"')
    for name in sorted(used - found.keys()):
        if name in KNOWN:
            found[name] = f'"{KNOWN[name]}"'
    if not found:
        return ""
    order = sorted(found.values(), key=lambda line: ("." in line.partition('"')[2].partition("/")[0], line))
    return "import (\n" + "\n".join(f"\t{line}" for line in order) + "\n)"


def _last(path: str) -> str:
    """Returns the name of a package as its path shows it: without the version."""
    parts = [part for part in path.split("/") if not re.fullmatch(r"v\d+", part)] or [path]
    return parts[-1].removeprefix("go-").partition(".")[0]


def _checks(root: Node) -> Iterator[str]:
    for node in walk(root):
        if node.type == "call_expression" and CHECKS.fullmatch(text(node.child_by_field_name("function"))):
            around = node.parent
            while around is not None and around.type not in {"if_statement", "function_declaration", "func_literal"}:
                around = around.parent
            condition = around.child_by_field_name("condition") if around is not None else None
            yield text(condition) if condition is not None else text(node)
