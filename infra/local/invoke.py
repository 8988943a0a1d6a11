"""Runs a packaged function on this machine: `python -m infra.local.invoke handlers.http.handler event.json`.

The function sees the variables of this environment and nothing else of it. The package is built first where something
in it has changed.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.local.sandbox import InitFailed, Sandbox
from infra.local.steps import SetupFailed, say
from infra.packaging import PackagingFailed
from infra.packaging.here import kept_package, unpacked

_NOT_PASSED_ON = ("PYTHON", "VIRTUAL_ENV", "PATH")


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 where the last event was answered."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.invoke", description=__doc__)
    parser.add_argument("function", help="as serverless.yml names it: handlers.http.handler")
    parser.add_argument("event", help="a file of JSON, or - for standard input")
    parser.add_argument("--times", type=int, default=1, help="how often the event is sent; once unless given")
    parser.add_argument("--timeout", type=float, default=29.0, help="seconds; %(default)g unless given")
    given = parser.parse_args(arguments)
    try:
        event = json.loads(sys.stdin.read() if given.event == "-" else Path(given.event).read_text())
        package = unpacked(kept_package())
        environ = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)}
        with Sandbox(package, given.function, environ) as sandbox:
            sys.stderr.write(f"started in {sandbox.init_seconds * 1000:.0f} ms\n")
            for _ in range(given.times):
                answer = sandbox.invoke(event, given.timeout)
                sys.stderr.write(f"answered in {answer.seconds * 1000:.1f} ms\n")
            sys.stderr.write(sandbox.said)
    except (OSError, ValueError, InitFailed, PackagingFailed, SetupFailed) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    if answer.fault is not None:
        sys.stderr.write(f"{answer.fault.type}: {answer.fault.message}\n")
        return 1
    say(json.dumps(answer.payload, indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
