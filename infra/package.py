"""Makes what is deployed: `python -m infra.package [--graphiql]`, into `build/package`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from infra.local.steps import say
from infra.local.toolchain import ROOT, ToolMissing
from infra.packaging import DEPLOYED, PackagingFailed, Sources, build
from infra.packaging.sizes import report, size_of

FOLDER = ROOT / "build" / "package"


def main(options: Sequence[str]) -> int:
    """The exit status: 0 once both zips are there."""
    if unknown := set(options) - {"--graphiql"}:
        sys.stderr.write(f"Unknown option {' '.join(sorted(unknown))}; there is only --graphiql.\n")
        return 2
    started = time.monotonic()
    try:
        package = build(DEPLOYED, FOLDER, Sources(graphiql="--graphiql" in options))
    except (PackagingFailed, ToolMissing) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    say(f"{FOLDER.relative_to(ROOT)}, for {DEPLOYED} ({time.monotonic() - started:.0f} s)\n")
    for line in report([size_of(package.layer), size_of(package.app)]):
        say(f"  {line}\n")
    if not package.bytecode:
        say(
            f"Without bytecode, as this machine has no Python {DEPLOYED.python}: cold starts take twice as long.\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
