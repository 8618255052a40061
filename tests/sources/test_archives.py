"""An archive gives up its files, and nothing that it says of itself is believed."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.errors import Problem
from headwater.sources import SourceLimits
from tests.sources.asking import CART, SMALL, load, refused, tar, zipped

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
