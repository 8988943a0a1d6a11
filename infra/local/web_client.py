"""The web client in `examples/web`, built for this machine: `make web` serves it beside `make dev`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra.local import installation, on_demand, toolchain
from infra.local.steps import SetupFailed, Step, execute
from infra.local.toolchain import ROOT

SOURCE: Final = ROOT / "examples" / "web"
BUILT: Final = ROOT / "build" / "web"
_SCHEMA: Final = ROOT / "schema" / "schema.graphql"
_NOT_BUILT: Final = frozenset({"node_modules", "generated", "README.md"})


def build() -> Path:
    """The folder of the built client with its development wallet, made where its sources have changed.

    Types are checked on the way. Raises `SetupFailed`.
    """
    on_demand.node_project(SOURCE)
    files = (_SCHEMA, *sorted(_sources(SOURCE)))
    names = "\n".join(str(file.relative_to(ROOT)) for file in files)
    step = Step("Web client", BUILT, (names, *files), _build)
    if not step.is_done():
        with installation.only_one():
            if not step.is_done():  # or another process was faster
                step.run()
    return BUILT


def vite(*arguments: str | Path) -> tuple[str, ...]:
    """The command that runs Vite, in `SOURCE`."""
    program = SOURCE / "node_modules" / "vite" / "bin" / "vite.js"
    return (str(toolchain.node()), str(program), *map(str, arguments))


def preview(port: int) -> tuple[str, ...]:
    """The command that serves what is built on `port` (0: any free one), with the way to the API and the chain."""
    return vite("preview", "--mode", "laptop", "--outDir", BUILT, "--port", str(port), "--strictPort")


def main() -> int:
    """Serve the client until Ctrl-C; WEB_PORT: where (4173 unless given)."""
    try:
        build()
        command = preview(int(os.environ.get("WEB_PORT") or 4173))
        return subprocess.run(command, cwd=SOURCE, env=toolchain.environment(), check=False).returncode
    except (SetupFailed, toolchain.ToolMissing) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    except KeyboardInterrupt:
        return 0


def _build() -> None:
    options = ("--mode", "laptop", "--outDir", BUILT, "--logLevel", "warn")
    command = (toolchain.npm(), "run", "--silent", "build", "--", *options)
    execute(command, environment=toolchain.environment(), directory=SOURCE)


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in _NOT_BUILT:
            continue
        if path.is_dir():
            yield from _sources(path)
        else:
            yield path


if __name__ == "__main__":
    sys.exit(main())
