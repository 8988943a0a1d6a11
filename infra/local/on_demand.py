"""Environments that only some commands need, each made from its own lock when it is first asked for.

What they hold would burden every set-up, or contradicts what the application is locked to.
"""

from pathlib import Path

from infra.local import installation, installers, toolchain
from infra.local.steps import Step
from infra.local.toolchain import ROOT, TOOLS

LOCKS = ROOT / "infra" / "local" / "environments"
"""One lock for each Python environment; the dependency group of the same name in pyproject.toml says what is in it."""


def python_environment(name: str) -> Path:
    """The interpreter of a virtual environment that holds exactly what the lock of that name does.

    Raises `SetupFailed` where it cannot be made.
    """
    environment = TOOLS / "environments" / name
    lock = LOCKS / f"{name}.lock"
    inputs = (installation.interpreter(), lock)
    _made(
        Step(
            f"Python packages for {name}",
            environment,
            inputs,
            lambda: installers.install_locked(environment, lock),
        )
    )
    return environment / "bin" / "python"


def node_project(folder: Path) -> Path:
    """The `node_modules` of an npm project with a lock of its own. Raises `SetupFailed` where it cannot be made."""
    modules = folder / "node_modules"
    inputs = ("-".join(toolchain.system()), folder / "package-lock.json", folder / ".npmrc")
    name = f"npm packages for {folder.relative_to(ROOT)}".replace("/", " ")
    _made(Step(name, modules, inputs, lambda: installers.install_npm_packages(folder)))
    return modules


def _made(step: Step) -> None:
    if not step.is_done():
        with installation.only_one():
            if not step.is_done():  # or another process was faster
                step.run()
