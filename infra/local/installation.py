"""Set-up of a checkout: its steps in order, each done once, one set-up at a time. Stdlib only."""

import fcntl
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local import installers, machine, toolchain
from infra.local.steps import SetupFailed, Step, say
from infra.local.toolchain import NODE_MODULES, ROOT, TOOLS, VENV


def main() -> int:
    """The exit status: 0 once everything is in place."""
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(143)
    )  # unwinds, so that a running download ends with us
    started = time.monotonic()
    try:
        if not all(step.is_done() for step in steps()):
            machine.check(ROOT)
            say(f"Setting up {ROOT}\n")
            with only_one():
                for step in steps():
                    if not step.is_done():
                        step.run()
    except (SetupFailed, toolchain.ToolMissing) as failure:
        sys.stderr.write(f"\nSet-up failed. {failure}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. `make setup` continues where this stopped.\n")
        return 130
    say(f"Set up ({time.monotonic() - started:.2f} s).\n")
    return 0


def steps() -> Iterator[Step]:
    """What a checkout needs. Run each that is not done before asking for the next: it may depend on it."""
    system = "-".join(toolchain.system())
    python = interpreter()
    npm_lock = ROOT / "package-lock.json"
    graphiql = ROOT / "handlers" / "graphiql"

    yield Step("uv", TOOLS, (python, ROOT / "requirements-tools.lock"), installers.install_uv)
    yield Step(
        "Python packages", VENV, (python, ROOT / "requirements-dev.lock"), installers.install_python_packages
    )
    yield Step("Colonnade SDK", VENV, (ROOT / "sdk" / "pyproject.toml",), installers.install_sdk)
    yield Step(
        "Node.js",
        TOOLS,
        (ROOT / "requirements-node.lock", *installers.system_node()),
        installers.install_node,
    )
    yield Step(
        "npm packages",
        NODE_MODULES,
        (system, npm_lock, ROOT / ".npmrc"),
        installers.install_npm_packages,
    )
    if toolchain.system() != installers.LOCKED_ANVIL:
        yield Step("anvil", TOOLS / "anvil", (installers.anvil_package(),), installers.install_anvil)
    sources = sorted(path for path in graphiql.rglob("*") if path.is_file())
    yield Step("GraphiQL", ROOT / "build" / "graphiql", (npm_lock, *sources), installers.build_graphiql)


def interpreter() -> str:
    """What a virtual environment depends on besides its lock: the Python it is made of, the machine, and where it is."""
    return (
        f"{sys.version} {sys.base_prefix} {'-'.join(toolchain.system())} {ROOT}"  # its scripts name its path
    )


@contextmanager
def only_one() -> Iterator[None]:
    """Waits until no other set-up of this checkout runs."""
    # The lock needs a file that is always there and that no step removes, such as this one.
    with Path(__file__).open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up of this checkout runs: waiting for it.\n")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
