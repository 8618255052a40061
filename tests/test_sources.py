"""Turning what a request calls its source into a tree of files: every way in, and every way of being refused."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import io
import lzma
import os
import socket
import struct
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.errors import Code, Problem
from headwater.sources import SourceLimits, SourceRequest, SourceTree, load_source

SMALL = SourceLimits(
    file_bytes=1000,
    total_bytes=20_000,
    files=10,
    archive_ratio=50,
    archive_free_bytes=5_000,
    archive_headers_bytes=5_000,
)
CART = b"def total(prices):\n    return sum(prices)\n"


def load(*allowed: Path, limits: SourceLimits | None = None, language: str = "", **request: object) -> SourceTree:
    asked = SourceRequest(**request)  # type: ignore[arg-type]
    return load_source(asked, limits=limits or SourceLimits(), allowed_roots=allowed, language=language)


def refused(*allowed: Path, limits: SourceLimits | None = None, language: str = "", **request: object) -> Problem:
    with pytest.raises(Problem) as caught:
        load(*allowed, limits=limits, language=language, **request)
    found = caught.value
    assert found.message
    assert found.remedy
    assert found.metadata["field"].startswith("source")
    return found


def tar(
    files: Mapping[str, bytes], *, edit: Callable[[tarfile.TarInfo], None] = lambda _: None, kind: str = ""
) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{kind}") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            edit(info)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zipped(files: Mapping[str, bytes], *, edit: Callable[[zipfile.ZipInfo], None] = lambda _: None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            edit(info)
            archive.writestr(info, data)
    return buffer.getvalue()


# What is told, and how.


def test_a_snippet_needs_no_path() -> None:
    tree = load(content="x = 1\n")
    assert (tree.path, tree.module, tree.language, tree.text) == ("snippet.py", "snippet", "python", "x = 1\n")
    assert tree.files == {"snippet.py": b"x = 1\n"}
    assert tree.sha256 == hashlib.sha256(b"x = 1\n").hexdigest()
    assert (tree.roots, tree.python, tree.prefix) == ((), None, "")


def test_content_lies_over_files_and_files_over_the_archive() -> None:
    archive = zipped({"a.py": b"a = 0", "b.py": b"b = 0", "c.py": b"c = 0"})
    tree = load(path="a.py", content="a = 2", files={"a.py": b"a = 1", "b.py": b"b = 1"}, archive=archive)
    assert tree.files == {"a.py": b"a = 2", "b.py": b"b = 1", "c.py": b"c = 0"}


def test_the_only_file_is_taken_and_of_several_the_only_python_file() -> None:
    assert load(files={"cart.py": CART}).path == "cart.py"
    assert load(files={"cart.py": CART, "README.md": b"Hello"}).path == "cart.py"


def test_several_files_need_a_path_and_are_listed() -> None:
    found = refused(files={"b.py": CART, "a.py": CART})
    assert (found.reason, found.violations[0].field) == ("SOURCE_PATH_NEEDED", "source.path")
    assert "a.py, b.py" in found.remedy


@pytest.mark.parametrize(
    ("request_", "reason", "field"),
    [
        ({}, "SOURCE_EMPTY", "source"),
        ({"path": "cart.py"}, "SOURCE_EMPTY", "source"),
        ({"content": ""}, "SOURCE_EMPTY", "source.content"),
        ({"content": " \n\t"}, "SOURCE_EMPTY", "source.content"),
        ({"files": {"cart.py": b"\n"}}, "SOURCE_EMPTY", "source.path"),
        ({"archive": zipped({})}, "SOURCE_EMPTY", "source"),
        ({"content": "x = 1", "root": "/srv"}, "SOURCE_AMBIGUOUS", "source.root"),
        ({"content": "def f(:"}, "SOURCE_SYNTAX", "source.content"),
        ({"files": {"cart.py": b"return 1"}}, "SOURCE_SYNTAX", "source.path"),
        ({"content": "x = " + "9" * 5000}, "SOURCE_SYNTAX", "source.content"),
        ({"content": "x = 1\0"}, "SOURCE_NOT_TEXT", "source.content"),
        ({"files": {"cart.py": b"x = '\xff'"}}, "SOURCE_NOT_TEXT", "source.path"),
        ({"files": {"cart.py": b"# coding: zlib\nx = 1"}}, "SOURCE_NOT_TEXT", "source.path"),
        ({"files": {"cart.py": b"# coding: nonsense\nx = 1"}}, "SOURCE_NOT_TEXT", "source.path"),
        ({"files": {"cart.py": b"# coding: punycode\nx = 1"}}, "SOURCE_NOT_TEXT", "source.path"),
        ({"content": "# coding: latin-1\nx = '\u20ac'"}, "SOURCE_NOT_TEXT", "source.content"),
        ({"content": "# coding: hex\nx = 1"}, "SOURCE_NOT_TEXT", "source.content"),
        ({"content": "x = '\ud800'"}, "SOURCE_NOT_TEXT", "source.content"),
        ({"files": {"a": CART, "a/b.py": CART}}, "SOURCE_PATH_INVALID", "source.files"),
    ],
)
def test_an_unusable_source_is_refused_by_name(request_: dict[str, object], reason: str, field: str) -> None:
    found = refused(**request_)
    assert (found.code, found.reason, found.violations[0].field) == (Code.INVALID_ARGUMENT, reason, field)


# What Python says.


def test_a_syntax_error_says_where_and_quotes_the_line() -> None:
    found = refused(content="x = 1\ny = (2 +\n", path="shop/cart.py")
    assert {key: found.metadata[key] for key in ("path", "line", "column", "text")} == {
        "path": "shop/cart.py",
        "line": "2",
        "column": "5",
        "text": "y = (2 +",
    }
    assert "line 2, column 5" in found.message


@pytest.mark.parametrize("text", ["1+" * 100_000 + "1", "-" * 100_000 + "1", "a" + ".b" * 100_000, "f" + "()" * 50_000])
def test_deep_nesting_is_refused_without_a_crash(text: str) -> None:
    assert refused(content=text).reason == "SOURCE_SYNTAX"


def test_code_that_only_deserves_a_warning_is_taken() -> None:
    assert load(content="x = '\\d'\ny = x is 'a'\n").module == "snippet"


def test_a_byte_order_mark_and_a_declared_encoding_are_honoured() -> None:
    assert load(files={"cart.py": b"\xef\xbb\xbfx = '\xc3\xa9'"}).text == "x = 'é'"
    assert load(files={"cart.py": b"# coding: latin-1\nx = '\xe9'"}).text.endswith("'é'")
    assert load(content="# coding: latin-1\nx = 'é'").files["snippet.py"].endswith(b"'\xe9'")


@pytest.mark.parametrize(
    ("path", "language"),
    [("a.js", "javascript"), ("a.tsx", "typescript"), ("a.go", "go"), ("a.PY2", ""), ("Makefile", "")],
)
def test_another_language_is_told_and_not_parsed(path: str, language: str) -> None:
    tree = load(content="func (", path=path)
    assert (tree.language, tree.module, tree.path) == (language, "", path)


def test_a_language_that_is_passed_in_overrules_the_name() -> None:
    assert load(content="func (", language="go").path == "snippet.go"
    assert load(content="func (", path="a.py", language="go").language == "go"


# What is too large.


@pytest.mark.parametrize(
    ("request_", "size", "limit"),
    [
        ({"content": "x" * 1001}, "1001", "1000"),
        ({"files": {"a.py": CART, "b.bin": b"x" * 20_000}, "path": "a.py"}, str(20_000 + len(CART)), "20000"),
        ({"files": {f"{n}.py": CART for n in range(11)}}, "11", "10"),
    ],
)
def test_a_source_too_large_is_told_its_size_and_the_limit(request_: dict[str, object], size: str, limit: str) -> None:
    found = refused(limits=SMALL, **request_)
    assert (found.reason, found.metadata["size"], found.metadata["limit"]) == ("SOURCE_TOO_LARGE", size, limit)
    assert size in found.message
    assert limit in found.message


# Paths.

BAD_PATHS = [
    "/etc/passwd.py", "../a.py", "a/../b.py", "./a.py", "a//b.py", "a/", "a\\b.py", "C:/a.py", "c:a.py", "a\0.py",
    "a\n.py", "x/" * 40 + "a.py", "a" * 300 + ".py", "ab/" * 30 + "a" * 1000, "con.py", "a/NUL", "lpt1.tar.gz",
    "a./b.py", "a /b.py", "\u202ea.py", "\ud800.py",
]  # fmt: skip


@pytest.mark.parametrize("path", BAD_PATHS)
def test_an_unsafe_path_is_refused_wherever_it_stands(path: str) -> None:
    found = refused(content="x = 1", path=path)
    assert (found.reason, found.violations[0].field) == ("SOURCE_PATH_INVALID", "source.path")
    found = refused(files={"a.py": CART, path: CART})
    assert (found.reason, found.violations[0].field) == ("SOURCE_PATH_INVALID", "source.files[1].path")
    found.message.encode()


@given(path=st.text(st.characters() | st.sampled_from("./\\:\0"), max_size=40))
def test_no_path_whatever_escapes_or_is_met_by_another_error(path: str) -> None:
    with contextlib.suppress(Problem):
        tree = load(files={path: CART, "other.py": CART}, path=path)
        for name in tree.files:
            assert os.path.normpath(name) == name
            assert not name.startswith(("/", "../"))


def test_a_missing_file_is_not_found_and_the_nearest_are_named() -> None:
    found = refused(files={"shop/cart.py": CART, "shop/till.py": CART}, path="cart.py")
    assert (found.code, found.reason) == (Code.NOT_FOUND, "SOURCE_NOT_FOUND")
    assert found.metadata["candidates"] == "shop/cart.py"


# Names.


@pytest.mark.parametrize(
    ("files", "path", "module", "prefix"),
    [
        (["a.py"], "a.py", "a", ""),
        (["a/b.py"], "a/b.py", "a.b", ""),
        (["a/__init__.py", "a/b.py"], "a/b.py", "a.b", ""),
        (["a/__init__.py"], "a/__init__.py", "a", ""),
        (["a/__init__.py", "a/__main__.py"], "a/__main__.py", "a.__main__", ""),
        (["src/a/b.py"], "src/a/b.py", "a.b", "src/"),
        (["src/a/__init__.py", "src/a/b.py"], "src/a/b.py", "a.b", "src/"),
        (["src/__init__.py", "src/b.py"], "src/b.py", "src.b", ""),
        (["src/ns/a/__init__.py", "src/ns/a/b.py"], "src/ns/a/b.py", "ns.a.b", "src/"),
        (["lib/a/__init__.py", "lib/a/b.py"], "lib/a/b.py", "a.b", "lib/"),
        (["my-app/a/b.py"], "my-app/a/b.py", "a.b", "my-app/"),
        (["a/json.py"], "a/json.py", "a.json", ""),
    ],
)
def test_the_import_root_is_found_by_the_layout(files: list[str], path: str, module: str, prefix: str) -> None:
    tree = load(files=dict.fromkeys(files, CART), path=path)
    assert (tree.module, tree.prefix, tree.prefix + tree.path) == (module, prefix, path)
    assert tree.path in tree.files


@pytest.mark.parametrize(
    ("imported", "module"),
    [
        ("models", "h"),
        ("api.models", "api.h"),
        ("services.api.models", "services.api.h"),
        ("unknown", "services.api.h"),
    ],
)
def test_the_files_own_imports_decide_where_the_layout_does_not(imported: str, module: str) -> None:
    files = {"services/api/h.py": f"import {imported}".encode(), "services/api/models.py": CART}
    assert load(files=files, path="services/api/h.py").module == module


def test_files_beside_the_import_root_stay_and_give_way() -> None:
    files = {"src/a.py": b"a = 1", "a.py": b"a = 2", "data/x.csv": b"1", "src/data": b"2"}
    assert load(files=files, path="src/a.py").files == {"a.py": b"a = 1", "data": b"2"}


@pytest.mark.parametrize("path", ["my-script.py", "1.py", "class.py", "a.b.py", "a/b-c/__init__.py", "__init__.py"])
def test_a_name_that_cannot_be_imported_is_refused(path: str) -> None:
    files = {path: CART, "a/__init__.py": CART}
    assert refused(files=files, path=path).reason == "SOURCE_NAME_NOT_IMPORTABLE"


def test_python_without_its_extension_cannot_be_imported() -> None:
    assert refused(content="x = 1", path="script", language="python").reason == "SOURCE_NAME_NOT_IMPORTABLE"


@pytest.mark.parametrize("path", ["random.py", "json/x.py", "pytest.py", "conftest.py", "test_x.py", "x_test.py"])
def test_a_name_that_would_take_anothers_place_is_refused(path: str) -> None:
    found = refused(content="x = 1", path=path)
    assert (found.reason, found.violations[0].field) == ("SOURCE_NAME_SHADOWS", "source.path")


def test_inside_a_package_every_name_is_free() -> None:
    assert load(content="x = 1", path="shop/test_x.py").module == "shop.test_x"


# Archives.

PACKED = {
    "zip": zipped({"shop/cart.py": CART}),
    "tar": tar({"shop/cart.py": CART}),
    "gz": tar({"shop/cart.py": CART}, kind="gz"),
    "bz2": tar({"shop/cart.py": CART}, kind="bz2"),
    "xz": tar({"shop/cart.py": CART}, kind="xz"),
}


@pytest.mark.parametrize("kind", PACKED)
def test_an_archive_is_known_by_its_content(kind: str) -> None:
    assert load(archive=PACKED[kind]).files == {"shop/cart.py": CART}


@pytest.mark.parametrize("kind", PACKED)
def test_an_archive_cut_anywhere_is_corrupt(kind: str) -> None:
    whole = PACKED[kind]
    ends = range(1, len(whole), max(1, len(whole) // 60))
    # A tar archive may lose the padding behind its end mark.
    reasons = {refused(archive=whole[:end]).reason for end in ends if kind != "tar" or end < 1500}
    assert reasons == {"ARCHIVE_CORRUPT"}


@given(data=st.data(), kind=st.sampled_from(sorted(PACKED)))
def test_no_damage_whatever_is_met_by_another_error_than_a_problem(data: st.DataObject, kind: str) -> None:
    damaged = bytearray(PACKED[kind])
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Problem):
        for name in load(archive=bytes(damaged), limits=SMALL).files:
            assert os.path.normpath(name) == name
            assert not name.startswith(("/", "../"))


@given(
    names=st.lists(st.text(st.characters(codec="utf-8") | st.sampled_from("./\\"), min_size=1, max_size=20), max_size=4)
)
def test_no_member_whatever_escapes(names: list[str]) -> None:
    for archive in (zipped(dict.fromkeys(names, CART)), tar(dict.fromkeys(names, CART))):
        with contextlib.suppress(Problem):
            for name in load(archive=archive, files={"a.py": CART}, path="a.py").files:
                assert os.path.normpath(name) == name
                assert not name.startswith(("/", "../"))


@given(junk=st.binary(min_size=1, max_size=2000))
def test_bytes_that_are_no_archive_are_corrupt(junk: bytes) -> None:
    assert refused(archive=junk).reason == "ARCHIVE_CORRUPT"


@pytest.mark.parametrize("name", ["../evil.py", "/evil.py", "a/../../evil.py", "a\\evil.py", "C:/evil.py", "nul"])
@pytest.mark.parametrize("pack", [zipped, tar])
def test_a_member_with_an_unsafe_name_is_refused_by_name(pack: Callable[..., bytes], name: str) -> None:
    found = refused(archive=pack({"cart.py": CART, name: CART}))
    assert (found.reason, found.violations[0].field) == ("ARCHIVE_UNSAFE", "source.archive")
    assert found.metadata["member"] == ascii(name)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE]
)
def test_a_tar_member_that_is_no_plain_file_is_refused(kind: bytes) -> None:
    def edit(info: tarfile.TarInfo) -> None:
        info.type, info.linkname, info.size = kind, "/etc/passwd", 0

    found = refused(archive=tar({"evil.py": b""}, edit=edit))
    assert (found.reason, found.metadata["member"]) == ("ARCHIVE_UNSAFE", "'evil.py'")


def test_a_zip_member_that_is_a_link_is_refused() -> None:
    def edit(info: zipfile.ZipInfo) -> None:
        info.external_attr = 0o120777 << 16

    assert refused(archive=zipped({"evil.py": b"/etc/passwd"}, edit=edit)).reason == "ARCHIVE_UNSAFE"


def test_a_member_that_is_there_twice_is_refused() -> None:
    assert refused(archive=tar({"a.py": CART, "./a.py": CART})).reason == "ARCHIVE_UNSAFE"
    assert refused(archive=zipped({"a.py": CART, "./a.py": CART})).reason == "ARCHIVE_UNSAFE"


def test_an_encrypted_member_is_refused() -> None:
    whole = bytearray(zipped({"cart.py": CART}))
    directory = whole.index(b"PK\x01\x02")
    whole[6] |= 1
    whole[directory + 8] |= 1
    assert refused(archive=bytes(whole)).reason == "ARCHIVE_ENCRYPTED"


def test_folders_and_dots_in_front_are_taken_as_they_are_meant() -> None:
    def edit(info: tarfile.TarInfo) -> None:
        info.type = tarfile.DIRTYPE if info.name.endswith((".", "shop")) else tarfile.REGTYPE

    archive = tar({".": b"", "./shop": b"", "./shop/cart.py": CART}, edit=edit)
    assert load(archive=archive).files == {"shop/cart.py": CART}
    assert load(archive=zipped({"shop/": b"", "shop/cart.py": CART})).files == {"shop/cart.py": CART}


def test_a_single_top_folder_is_taken_off_only_where_the_path_asks_for_it() -> None:
    archive = tar({"shop-1.0/shop/cart.py": CART, "shop-1.0/README": b"Hello"}, kind="gz")
    tree = load(archive=archive, path="shop/cart.py")
    assert (tree.prefix, sorted(tree.files), tree.module) == ("shop-1.0/", ["README", "shop/cart.py"], "shop.cart")
    assert load(archive=archive, path="shop-1.0/shop/cart.py").module == "shop.cart"
    assert refused(archive=archive, path="cart.py").reason == "SOURCE_NOT_FOUND"


def test_an_edited_file_lies_over_its_place_in_a_prefixed_archive() -> None:
    archive = tar({"shop-1.0/shop/cart.py": CART})
    assert load(archive=archive, path="shop/cart.py", content="x = 1").files == {"shop/cart.py": b"x = 1"}


def test_an_archive_inside_an_archive_is_left_alone() -> None:
    inner = zipped({"../evil.py": CART})
    assert load(archive=zipped({"a.py": CART, "inner.zip": inner})).files["inner.zip"] == inner


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_bomb_is_noticed_by_what_comes_out(pack: Callable[[bytes], bytes]) -> None:
    assert refused(archive=pack(tar({"a.py": b"\0" * 100_000})), limits=SMALL).reason == "ARCHIVE_TOO_LARGE"
    assert refused(archive=pack(tar({"a.py": CART}) + bytes(200_000)), limits=SMALL).reason == "ARCHIVE_TOO_LARGE"


def test_a_zip_bomb_is_noticed_by_size_ratio_and_count() -> None:
    for files in ({"a.py": b"\0" * 100_000}, {"a.py": b"\0" * 10_000}, {f"{n}.py": b"" for n in range(11)}):
        assert refused(archive=zipped(files), limits=SMALL).reason == "ARCHIVE_TOO_LARGE"
    assert refused(archive=zipped({f"{n}/": b"" for n in range(11)}), limits=SMALL).reason == "ARCHIVE_TOO_LARGE"
    assert refused(archive=b"PK\x03\x04" + bytes(20_000), limits=SMALL).reason == "ARCHIVE_TOO_LARGE"


def test_a_zip_that_lies_about_its_sizes_is_noticed() -> None:
    whole = bytearray(zipped({"a.py": b"\0" * 100_000}))
    directory = whole.index(b"PK\x01\x02")
    for place in (22, directory + 24):
        whole[place : place + 4] = struct.pack("<I", 10)
    assert refused(archive=bytes(whole), limits=SMALL).reason in {"ARCHIVE_CORRUPT", "ARCHIVE_TOO_LARGE"}


def test_a_zip_directory_larger_than_its_names_may_be_is_refused() -> None:
    limits = SourceLimits(files=1, path_bytes=10)
    archive = zipped({f"{n}.py": b"" for n in range(3000)})
    assert refused(archive=archive, limits=limits).reason == "ARCHIVE_TOO_LARGE"


def test_a_tar_header_larger_than_a_name_may_be_is_refused() -> None:
    assert refused(archive=tar({"a" * 5000: CART})).reason == "ARCHIVE_TOO_LARGE"
    many = tar({f"{number}{'a' * 150}.py": CART for number in range(9)})
    assert refused(archive=many, limits=SourceLimits(archive_headers_bytes=1000)).reason == "ARCHIVE_TOO_LARGE"


# Folders of the server.


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder that is allowed, beside a file that is not."""
    (tmp_path / "secret.py").write_bytes(b"x = 1\n")
    folder = tmp_path / "allowed" / "shop"
    (folder / "src" / "shop").mkdir(parents=True)
    (folder / "src" / "shop" / "__init__.py").write_bytes(b"")
    (folder / "src" / "shop" / "cart.py").write_bytes(CART)
    return folder


def test_a_folder_of_the_server_goes_on_the_import_path(shop: Path) -> None:
    tree = load(shop.parent, root=str(shop), path="src/shop/cart.py")
    assert (tree.path, tree.prefix, tree.module) == ("shop/cart.py", "src/", "shop.cart")
    assert (tree.roots, tree.files) == ((shop / "src", shop), {})
    assert tree.text == CART.decode()


def test_without_allowed_roots_none_is_read(shop: Path) -> None:
    found = refused(root=str(shop), path="src/shop/cart.py")
    assert (found.code, found.reason) == (Code.PERMISSION_DENIED, "ROOTS_NOT_ALLOWED")
    assert "--allow-root" in found.remedy


def test_outside_of_the_roots_the_answer_is_the_same_whatever_is_there(shop: Path) -> None:
    top = shop.parent.parent
    (shop / "link.py").symlink_to(top / "secret.py")
    (shop / "dangling.py").symlink_to(top / "nothing.py")
    (shop / "up").symlink_to(top)
    (shop.parent / "out").symlink_to(top)
    answers = [
        *(refused(shop.parent, root=str(shop), path=p) for p in ("link.py", "dangling.py", "up/secret.py", "up/no.py")),
        *(
            refused(shop.parent, root=str(root), path="secret.py")
            for root in (top, top / "nothing", shop.parent / "out", shop.parent / "..", "/\ud800")
        ),
    ]
    assert {(each.code, each.reason, each.message) for each in answers} == {
        (Code.PERMISSION_DENIED, "SOURCE_OUTSIDE_ROOTS", answers[0].message)
    }


def test_a_link_that_stays_inside_is_followed(shop: Path) -> None:
    (shop / "cart.py").symlink_to("src/shop/cart.py")
    assert load(shop.parent, root=str(shop), path="cart.py").text == CART.decode()


def test_what_is_no_regular_file_is_not_found_and_does_not_hang(shop: Path) -> None:
    os.mkfifo(shop / "pipe.py")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(shop)  # a socket's path must be short
        try:
            listener.bind("socket.py")
        finally:
            os.chdir(here)
        for path in ("pipe.py", "socket.py", "src", "src/shop/cart.py/x.py", "missing.py"):
            found = refused(shop.parent, root=str(shop), path=path)
            assert (found.code, found.reason) == (Code.NOT_FOUND, "SOURCE_NOT_FOUND")


def test_a_missing_file_of_a_folder_is_told_its_neighbours(shop: Path) -> None:
    found = refused(shop.parent, root=str(shop), path="shop/cart.py")
    assert found.metadata["candidates"].startswith("src/shop/cart.py")
    assert "secret" not in str(found)


def test_a_folder_with_several_files_needs_a_path(shop: Path) -> None:
    found = refused(shop.parent, root=str(shop))
    assert found.reason == "SOURCE_PATH_NEEDED"
    (shop / "src" / "shop" / "__init__.py").unlink()
    assert load(shop.parent, root=str(shop)).module == "shop.cart"


def test_a_large_file_of_a_folder_is_not_read_to_its_end(shop: Path) -> None:
    with (shop / "large.py").open("wb") as file:
        file.truncate(1 << 40)
    found = refused(shop.parent, root=str(shop), path="large.py")
    assert (found.reason, found.metadata["size"]) == ("SOURCE_TOO_LARGE", str(1 << 40))


@pytest.mark.parametrize("root", ["shop", "../shop", "/srv\0"])
def test_a_root_that_is_no_absolute_path_is_refused(shop: Path, root: str) -> None:
    found = refused(shop.parent, root=root, path="cart.py")
    assert (found.reason, found.violations[0].field) == ("SOURCE_PATH_INVALID", "source.root")


def test_a_root_that_is_no_folder_is_not_found(shop: Path) -> None:
    for root in (shop / "nothing", shop / "src" / "shop" / "cart.py", shop / ("x" * 300)):
        found = refused(shop.parent, root=str(root), path="cart.py")
        assert (found.code, found.metadata["field"]) == (Code.NOT_FOUND, "source.root")


@given(path=st.text(st.characters() | st.sampled_from("./\\:\0"), min_size=1, max_size=40))
def test_no_path_in_a_folder_whatever_is_met_by_another_error(path: str) -> None:
    here = Path(__file__).parent
    with contextlib.suppress(Problem):
        load(here.parent, root=str(here), path=path)


def test_an_interpreter_lies_in_an_allowed_folder_though_it_may_be_a_link(shop: Path) -> None:
    (shop / "bin").mkdir()
    (shop / "bin" / "python").symlink_to(sys.executable)
    asked = {"root": str(shop), "path": "src/shop/cart.py"}
    assert load(shop.parent, python=str(shop / "bin" / "python"), **asked).python == shop / "bin" / "python"
    for python, reason in (
        (sys.executable, "SOURCE_OUTSIDE_ROOTS"),
        ("/nowhere/python", "SOURCE_OUTSIDE_ROOTS"),
        (str(shop / "bin" / "missing"), "SOURCE_NOT_FOUND"),
        (str(shop / "bin"), "SOURCE_NOT_FOUND"),
        (str(shop / "src" / "shop" / "cart.py"), "INTERPRETER_UNUSABLE"),
        ("python", "SOURCE_PATH_INVALID"),
    ):
        found = refused(shop.parent, python=python, **asked)
        assert (found.reason, found.metadata["field"]) == (reason, "source.python")
