"""What is deployed, for Python 3.13 on arm64, is what was tested on this machine, but for native code."""

from __future__ import annotations

import csv
import email
import importlib.metadata
import re
import zipfile
from collections.abc import Mapping
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra import packed_modules
from infra.packaging import DEPLOYED, Package
from infra.packaging.bytecode import interpreter
from infra.packaging.here import kept_package
from infra.packaging.sizes import UNZIPPED_LIMIT, size_of

# Of the final releases: https://github.com/python/cpython/blob/main/Include/internal/pycore_magic_number.h
MAGIC = {"3.11": 3495, "3.12": 3531, "3.13": 3571, "3.14": 3627}
UNCHECKED_HASH = 0b01  # PEP 552

NATIVE = re.compile(
    r".*\.so|.*/__pycache__/.*\.pyc|app/infra/(generated_code|compiled_patterns)\.cpython-\d+\.bin|(layer/python|app)/modules\.cpython-\d+\.bin"
)
OF_A_PLATFORM = re.compile(r".*\.dist-info/(WHEEL|RECORD|sboms/.*)")
"""Which platform a wheel is for, the hashes of its files, and what its native library was linked with, and when."""


@pytest.fixture(scope="module")
def deployed() -> Package:
    """The package for Lambda."""
    return kept_package(DEPLOYED)


@cache
def held(package: Package) -> Mapping[str, bytes]:
    """The files of both zips."""
    files: dict[str, bytes] = {}
    for archive in (package.layer, package.app):
        with zipfile.ZipFile(archive) as opened:
            files |= {f"{archive.stem}/{entry.filename}": opened.read(entry) for entry in opened.infolist()}
    return files


def distributions(files: Mapping[str, bytes]) -> Mapping[str, str]:
    """Versions by name, as the metadata has them."""
    metadata = [
        email.message_from_bytes(file)
        for place, file in files.items()
        if place.endswith(".dist-info/METADATA")
    ]
    found = {one["Name"]: one["Version"] for one in metadata}
    assert len(found) == len(metadata)
    return found


def locked_for_lambda() -> set[str]:
    """The names in the lock whose markers let them onto Lambda."""
    text = (Path(__file__).parents[2] / "requirements.lock").read_text()
    requirements = map(Requirement, re.findall(r"^\w[^\\\n]*", text, re.MULTILINE))
    lambdas = {"python_version": "3.13", "sys_platform": "linux", "platform_machine": "aarch64"}
    return {
        canonicalize_name(each.name)
        for each in requirements
        if not each.marker or each.marker.evaluate(lambdas)
    }


def test_both_hold_the_same_distributions_which_are_those_of_the_lock(
    built_package: Package, deployed: Package
) -> None:
    here, there = distributions(held(built_package)), distributions(held(deployed))
    # The markers of the lock tell the machines of developers apart (an Intel Mac has an older cryptography).
    assert {name for name in here if here[name] != there.get(name)} <= {"cryptography"}
    assert here.keys() == there.keys()
    assert {canonicalize_name(name) for name in there} == {*locked_for_lambda(), "colonnade"}
    assert there["colonnade"] == importlib.metadata.version("colonnade")


def test_they_differ_in_native_files_and_bytecode_alone(built_package: Package, deployed: Package) -> None:
    here, there = held(built_package), held(deployed)
    assert [place for place in here.keys() ^ there.keys() if not NATIVE.fullmatch(place)] == []
    differing = {place for place in here.keys() & there.keys() if here[place] != there[place]}
    assert [
        place for place in differing if not NATIVE.fullmatch(place) and not OF_A_PLATFORM.fullmatch(place)
    ] == []


def test_what_their_records_say_differs_in_native_files_alone(
    built_package: Package, deployed: Package
) -> None:
    def records(package: Package) -> set[tuple[str, ...]]:
        texts = (file.decode() for place, file in held(package).items() if place.endswith("/RECORD"))
        return {tuple(row) for row in chain.from_iterable(csv.reader(text.splitlines()) for text in texts)}

    for place, *_ in records(built_package) ^ records(deployed):
        assert NATIVE.fullmatch(place) or OF_A_PLATFORM.fullmatch(place), place


def test_native_code_is_of_the_target(deployed: Package) -> None:
    native = {place: file for place, file in held(deployed).items() if place.endswith(".so")}
    assert native
    aarch64 = 183  # https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html, e_machine
    assert {int.from_bytes(file[18:20], "little") for file in native.values()} == {aarch64}
    assert not [place for place in native if "cpython" in place and "cpython-313-aarch64" not in place]


def test_bytecode_is_of_the_targets_own_python_or_there_is_none(
    built_package: Package, deployed: Package
) -> None:
    assert built_package.bytecode, "this Python is on this machine"
    for package in (built_package, deployed):
        compiled = {place: file for place, file in held(package).items() if place.endswith(".pyc")}
        assert bool(compiled) == package.bytecode == (interpreter(package.target.python) is not None)
        tag = f".cpython-{package.target.python.replace('.', '')}.pyc"
        magic = MAGIC[package.target.python].to_bytes(2, "little") + b"\r\n"
        for place, file in compiled.items():
            assert place.endswith(tag)
            assert file[:4] == magic, place
            assert int.from_bytes(file[4:8], "little") == UNCHECKED_HASH, place
        ours = {place: file[:4] for place, file in held(package).items() if place.endswith(".bin")}
        assert list(ours.values()) == [magic] * 4 * package.bytecode


def test_every_module_that_compiles_has_bytecode(built_package: Package, tmp_path: Path) -> None:
    unpacked = built_package.unpack(tmp_path)
    sources, compiled = set(), set()
    for folder in (unpacked.layer / "python", unpacked.task):
        sources |= set(folder.rglob("*.py"))
        compiled |= {path.parents[1] / f"{path.name.split('.')[0]}.py" for path in folder.rglob("*.pyc")}
        packed = packed_modules.found(str(folder))
        assert packed is not None
        places = {folder / f"{place}.py" for place in packed.places}
        assert not places & compiled
        compiled |= places
        assert all(packed.code(place).co_filename.endswith(f"/{place}.py") for place in packed.places)
    assert sources - compiled == set()
    assert compiled - sources == set()


def test_nothing_in_them_names_this_machine(built_package: Package, deployed: Package) -> None:
    root = str(Path(__file__).parents[2]).encode()
    for package in (built_package, deployed):
        assert [place for place, file in held(package).items() if root in file] == []


def test_every_licence_stays(deployed: Package) -> None:
    files = held(deployed)
    named = 0
    for place, file in files.items():
        if place.endswith(".dist-info/METADATA"):
            folder = place.removesuffix("METADATA")
            for licence in email.message_from_bytes(file).get_all("License-File", []):
                named += 1
                assert files.keys() & {f"{folder}licenses/{licence}", f"{folder}{licence}"}, place
    assert named > 20


def test_entry_points_stay(deployed: Package) -> None:
    (entry_points,) = (
        file.decode()
        for place, file in held(deployed).items()
        if re.fullmatch(r"app/colonnade-[\d.]+\.dist-info/entry_points\.txt", place)
    )
    assert "colonnade = colonnade.cli:main" in entry_points


def test_it_is_far_from_lambdas_limit(deployed: Package) -> None:
    unzipped = sum(size_of(archive).unzipped for archive in (deployed.layer, deployed.app))
    assert unzipped < UNZIPPED_LIMIT / 3
