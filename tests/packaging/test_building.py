"""How a package is built: the same twice, whole or not at all."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra import packed_modules
from infra.packaging import DEPLOYED, PackagingFailed, Sources, build, bytecode, host
from infra.packaging.package import Package
from infra.packaging.requirements import check_requirements
from infra.packaging.sizes import check_limits, report, size_of
from infra.packaging.target import Target
from tests.cli.workspace import write_installed
from tests.packaging.small import small_checkout

KILLED_AT_THE_SECOND_ZIP = """
import os, signal, sys
from pathlib import Path
from infra.packaging import Sources, build, building, host

packed = []
def half(tree, file, prefix=""):
    file.write_bytes(b"PK half a zip")
    packed.append(file)
    if len(packed) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

building.write_zip = half
build(host(), Path(sys.argv[1]), Sources(Path(sys.argv[2])))
"""


def names(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        return opened.namelist()


def test_two_builds_are_the_same_to_the_byte(tmp_path: Path) -> None:
    first = build(DEPLOYED, tmp_path / "out", small_checkout(tmp_path / "one", "cffi", "pycparser", "six"))
    again = small_checkout(tmp_path / "elsewhere" / "two", "six", "pycparser", "cffi")
    for path in again.root.rglob("*"):
        os.utime(path, (1, 1))
    before = os.umask(0o077)
    try:
        second = build(DEPLOYED, tmp_path / "other" / "out", again)
    finally:
        os.umask(before)
    assert names(first.layer) == sorted(names(first.layer))
    assert first.layer.read_bytes() == second.layer.read_bytes()
    assert first.app.read_bytes() == second.app.read_bytes()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """A small package."""
    sources = small_checkout(tmp_path_factory.mktemp("checkout"), "six")
    return build(host(), tmp_path_factory.mktemp("out"), sources)


def test_the_app_holds_what_functions_run_and_what_lies_beside_it(package: Package) -> None:
    held = {name for name in names(package.app) if not name.endswith(".pyc") and ".dist-info" not in name}
    assert held == {
        packed_modules.FILE,
        "colonnade/__init__.py",
        "colonnade/installed.json",
        "colonnade/new.py.template",
        "handlers/__init__.py",
        "handlers/http.py",
        "handlers/icon.svg",
        "infra/__init__.py",
        "plugins/greetings/__init__.py",
        "plugins/greetings/words.json",
        "schema/documents.json",
    }


def test_graphiql_goes_along_where_it_is_asked_for(tmp_path: Path) -> None:
    sources = small_checkout(tmp_path)
    assert "build/graphiql/index.html" not in dict(sources.application_files())
    with_it = Sources(tmp_path, graphiql=True)
    assert "build/graphiql/index.html" in dict(with_it.application_files())


def test_a_record_names_what_is_there_and_not_how_it_came(package: Package) -> None:
    held = names(package.layer)
    (record,) = (name for name in held if name.endswith("RECORD"))
    with zipfile.ZipFile(package.layer) as opened:
        listed = {f"python/{line.split(',')[0]}" for line in opened.read(record).decode().splitlines()}
    assert listed == set(held) - {f"python/{packed_modules.FILE}"}
    assert not [name for name in held if re.search(r"INSTALLER|REQUESTED|direct_url|/bin/|\.lock", name)]


def test_modes_are_those_that_lambda_can_read(package: Package) -> None:
    for archive in (package.layer, package.app):
        with zipfile.ZipFile(archive) as opened:
            modes = {entry.external_attr >> 16 & 0o777 for entry in opened.infolist()}
        assert modes == {0o644}


def test_without_the_targets_python_there_is_no_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bytecode, "interpreter", lambda version: None)
    package = build(DEPLOYED, tmp_path / "out", small_checkout(tmp_path / "checkout", "six"))
    assert not package.bytecode
    assert not [name for name in names(package.layer) + names(package.app) if name.endswith((".pyc", ".bin"))]


def test_a_killed_build_leaves_no_zip_and_the_next_one_is_whole(tmp_path: Path, package: Package) -> None:
    folder, sources = tmp_path / "out", small_checkout(tmp_path / "checkout", "six")
    folder.mkdir()
    for name in ("layer.zip", "app.zip"):
        (folder / name).write_bytes(b"of an earlier build")
    arguments = [sys.executable, "-c", KILLED_AT_THE_SECOND_ZIP, str(folder), str(sources.root)]
    killed = subprocess.run(arguments, check=False, cwd=Path(__file__).parents[2])
    assert killed.returncode == -signal.SIGKILL
    assert not list(folder.glob("*.zip"))
    again = build(host(), folder, sources)
    assert again.app.read_bytes() == package.app.read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == [".building", "app.zip", "layer.zip"]


def test_a_package_that_is_not_what_the_lock_says_is_refused(tmp_path: Path) -> None:
    folder, sources = tmp_path / "out", small_checkout(tmp_path / "checkout", "six")
    folder.mkdir()
    (folder / "app.zip").write_bytes(b"of an earlier build")
    forged = re.sub(r"sha256:[0-9a-f]{8}", "sha256:00000000", sources.lock.read_text())
    sources.lock.write_text(forged)
    with pytest.raises(PackagingFailed, match=r"(?s)requirements\.lock for Python .*six.*make lock"):
        build(host(), folder, sources)
    assert [path.name for path in folder.iterdir()] == [".building"]


def test_a_package_that_lacks_its_dependencies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackagingFailed, match=r"cffi \S+ needs pycparser.* none is packed"):
        build(host(), tmp_path / "out", small_checkout(tmp_path / "checkout", "cffi"))
    assert not list((tmp_path / "out").glob("*.zip"))


def test_requirements_are_those_of_the_target(tmp_path: Path) -> None:
    write_installed(tmp_path, "a-b", files={}, requires="tomli>=2; python_version < '3.12'")
    check_requirements(DEPLOYED, [tmp_path])
    with pytest.raises(PackagingFailed, match=r"a-b 1\.0 needs tomli"):
        check_requirements(Target("3.11", "aarch64-manylinux_2_28"), [tmp_path])
    write_installed(tmp_path, "tomli", files={})
    with pytest.raises(PackagingFailed, match=r"needs tomli.* and 1\.0 is packed"):
        check_requirements(Target("3.11"), [tmp_path])


def test_what_lambda_would_refuse_is_refused_here(package: Package) -> None:
    sizes = [size_of(package.layer), size_of(package.app)]
    unzipped = sum(size.unzipped for size in sizes)
    check_limits(sizes, unzipped)
    with pytest.raises(PackagingFailed, match="Lambda takes"):
        check_limits(sizes, unzipped - 1)


def test_the_report_shows_each_zip_beside_the_limit(package: Package) -> None:
    lines = list(report([size_of(package.layer), size_of(package.app)]))
    assert [line.split()[0] for line in lines] == ["zipped", "layer.zip", "app.zip", "together", "Lambda"]
    assert "250 MB" in lines[-1]


def test_a_package_without_a_plugin_that_is_locked_is_not_made(tmp_path: Path) -> None:
    sources = small_checkout(tmp_path / "checkout", "six")
    plugin = '{"version": "1.0", "distribution": "colonnade-ratings", "sdk": ">=1.0,<2"}'
    sources.plugins_lock.write_text(f'{{"colonnade": "1.0.0", "plugins": {{"ratings": {plugin}}}}}')
    with pytest.raises(
        PackagingFailed, match=r"ratings: colonnade-ratings 1\.0 is locked, and none is packed"
    ):
        build(host(), tmp_path / "out", sources)
    assert not list((tmp_path / "out").glob("*.zip"))
