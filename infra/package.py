"""Makes what is deployed, in `build/package`: the zips, and the CloudFormation that names them.

`python -m infra.package [--graphiql] [--stage prod] [--region eu-west-1] [--param NAME=VALUE]`: all but the first is for the template.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from infra.deployment.__main__ import main as render
from infra.deployment.rendering import PACKAGES
from infra.local.steps import say
from infra.local.toolchain import ROOT, ToolMissing
from infra.packaging import DEPLOYED, PackagingFailed, Sources, build
from infra.packaging.sizes import report, size_of


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 once everything is there, and nothing is wrong with it."""
    parser = argparse.ArgumentParser(prog="python -m infra.package", description=__doc__)
    parser.add_argument("--graphiql", action="store_true", help="pack GraphiQL's page, 7 MB of it, too")
    given, rest = parser.parse_known_args(arguments)
    started = time.monotonic()
    try:
        package = build(DEPLOYED, PACKAGES, Sources(graphiql=given.graphiql))
    except (PackagingFailed, ToolMissing) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    say(f"{PACKAGES.relative_to(ROOT)}, for {DEPLOYED} ({time.monotonic() - started:.0f} s)\n")
    for line in report([size_of(package.layer), size_of(package.app)]):
        say(f"  {line}\n")
    if not package.bytecode:
        say(
            f"Without bytecode, as this machine has no Python {DEPLOYED.python}: cold starts take twice as long.\n"
        )
    return render(rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
