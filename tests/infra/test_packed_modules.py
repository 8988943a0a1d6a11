"""Modules whose bytecode is in one file are those that lie in the folder, in every way but the looking."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import pytest

from infra import packed_modules
from infra.packaging.bytecode import compile_tree, pack_tree

LOOK = """
import json, sys
from infra import packed_modules
looked = []
sys.addaudithook(lambda event, given: event == "open" and looked.append(str(given[0])))
packed_modules.use()
"""
DESCRIBE = """
import importlib, importlib.resources, inspect, pkgutil
described = {}
for name in ("alone", "pack", "pack.inner", "pack.sub", "pack.sub.deep", "spread.part"):
    module = importlib.import_module(name)
    described[name] = [
        module.__file__, module.__name__, module.__package__, list(getattr(module, "__path__", ())),
        module.__spec__.origin, type(module).__name__, module.WHERE, inspect.getsource(module.where),
        module.where.__code__.co_filename,
    ]
import pack
described["listed"] = sorted(found.name for found in pkgutil.walk_packages(pack.__path__, "pack."))
described["resource"] = importlib.resources.files("pack").joinpath("data.txt").read_text()
try:
    import pack.absent
except ModuleNotFoundError as error:
    described["absent"] = str(error)
"""
SAY = """
print(json.dumps({"described": described, "looked": [each for each in looked if each.endswith((".py", ".pyc"))]}))
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder of modules of each kind, compiled."""
    folder = tmp_path / "modules"
    for place in (
        "alone",
        "pack/__init__",
        "pack/inner",
        "pack/sub/__init__",
        "pack/sub/deep",
        "spread/part",
    ):
        path = folder / f"{place}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"WHERE = {place!r}\n\n\ndef where():\n    return WHERE\n")
    (folder / "pack" / "data.txt").write_text("text")
    compile_tree(Path(sys.executable), folder, str(folder))
    return folder


def ran(*lines: str, path: str) -> Any:
    program = [sys.executable, "-B", "-P", "-c", "\n".join(lines)]
    root = Path(packed_modules.__file__).parents[1]
    environ = {"PATH": os.defpath, "PYTHONPATH": f"{path}:{root}"}
    done = subprocess.run(program, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_packed_modules_are_the_same(tree: Path) -> None:
    plain = ran(LOOK, DESCRIBE, SAY, path=str(tree))["described"]
    pack_tree(tree)
    assert not list(tree.rglob("*.pyc"))
    assert ran(LOOK, DESCRIBE, SAY, path=str(tree))["described"] == plain


def test_importing_opens_no_other_file(tree: Path) -> None:
    asked = (LOOK, "import alone, pack.sub.deep", "described = None", SAY)
    assert len(ran(*asked, path=str(tree))["looked"]) == 4
    pack_tree(tree)
    assert ran(*asked, path=str(tree))["looked"] == []


def test_the_order_of_the_path_stays(tree: Path, tmp_path: Path) -> None:
    pack_tree(tree)
    first = tmp_path / "first"
    first.mkdir()
    (first / "alone.py").write_text("WHERE = 'first'")
    asked = "import alone, pack; described = [alone.WHERE, pack.WHERE]"
    assert ran(LOOK, asked, SAY, path=f"{first}:{tree}")["described"] == ["first", "pack/__init__"]
    assert ran(LOOK, asked, SAY, path=f"{tree}:{first}")["described"] == ["alone", "pack/__init__"]


def test_what_was_imported_from_there_before_stays_and_the_rest_is_packed(tree: Path) -> None:
    pack_tree(tree)
    program = (
        "import pack, sys\n"
        + LOOK
        + "import pack.inner; described = pack.__spec__.cached == pack.inner.__spec__.cached"
    )
    assert ran(program, SAY, path=str(tree)) == {"described": False, "looked": []}


def test_a_native_library_goes_before_a_source_of_its_name(tree: Path) -> None:
    (tree / f"alone{EXTENSION_SUFFIXES[0]}").write_bytes(b"no library")
    pack_tree(tree)
    found = packed_modules.found(str(tree))
    assert found is not None
    assert "alone" not in found.places
    tried = "try:\n    import alone\nexcept ImportError as error:\n    described = error.path"
    assert ran(LOOK, tried, SAY, path=str(tree))["described"].endswith(".so")


@pytest.mark.parametrize("content", [b"", b"\0\0\0\0" + b"\1" * 60])
def test_the_file_of_another_python_is_not_read(content: bytes, tree: Path) -> None:
    pack_tree(tree)
    (tree / packed_modules.FILE).write_bytes(content)
    assert packed_modules.found(str(tree)) is None
    assert ran(LOOK, DESCRIBE, SAY, path=str(tree))["described"]["listed"] == [
        "pack.inner",
        "pack.sub",
        "pack.sub.deep",
    ]


def test_the_same_modules_make_the_same_file(tree: Path) -> None:
    pack_tree(tree)
    first = (tree / packed_modules.FILE).read_bytes()
    compile_tree(Path(sys.executable), tree, str(tree))
    pack_tree(tree)
    assert (tree / packed_modules.FILE).read_bytes() == first
    found = packed_modules.found(str(tree))
    assert found is not None
    codes = {
        place: first[found.begin + at : found.begin + at + size] for place, (at, size) in found.places.items()
    }
    assert packed_modules.content(first[:4], dict(reversed(codes.items()))) == first


def test_without_modules_there_is_no_file(tmp_path: Path) -> None:
    pack_tree(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert packed_modules.found(str(tmp_path)) is None
