from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local import installers, on_demand
from infra.local.steps import SetupFailed


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(on_demand, "ROOT", tmp_path)
    monkeypatch.setattr(on_demand, "TOOLS", tmp_path / ".tools")
    monkeypatch.setattr(on_demand, "LOCKS", tmp_path)
    return tmp_path


def noted(
    monkeypatch: pytest.MonkeyPatch, installer: str, answer: Callable[[], None]
) -> list[tuple[Path, ...]]:
    calls: list[tuple[Path, ...]] = []

    def install(*paths: Path) -> None:
        calls.append(paths)
        answer()

    monkeypatch.setattr(installers, installer, install)
    return calls


def test_an_environment_is_made_once_for_each_state_of_its_lock(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = workplace / "docs.lock"
    lock.write_text("one")
    calls = noted(monkeypatch, "install_locked", lambda: None)
    environment = workplace / ".tools" / "environments" / "docs"
    for _ in range(2):
        assert on_demand.python_environment("docs") == environment / "bin" / "python"
    assert calls == [(environment, lock)]
    lock.write_text("two")
    on_demand.python_environment("docs")
    assert len(calls) == 2


def test_an_environment_that_failed_is_made_again(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workplace / "docs.lock").write_text("one")

    def fail() -> None:
        raise SetupFailed("no network", "check it")

    calls = noted(monkeypatch, "install_locked", fail)
    for _ in range(2):
        with pytest.raises(SetupFailed, match="no network"):
            on_demand.python_environment("docs")
    assert len(calls) == 2


def test_an_npm_project_is_installed_in_its_own_folder(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = workplace / "examples" / "web"
    project.mkdir(parents=True)
    (project / "package-lock.json").write_text("{}")
    (project / ".npmrc").write_text("")
    calls = noted(monkeypatch, "install_npm_packages", lambda: None)
    for _ in range(2):
        assert on_demand.node_project(project) == project / "node_modules"
    assert calls == [(project,)]
