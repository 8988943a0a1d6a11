"""Renders what would be deployed, and lints it: `python -m infra.deployment --stage prod --param operator=on`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from infra.deployment.linting import faults
from infra.deployment.rendering import PACKAGES, PARAMETERS, RenderingFailed, render
from infra.local.steps import SetupFailed, say
from infra.local.toolchain import ROOT, ToolMissing


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 once the template is there, and nothing is wrong with it."""
    parser = argparse.ArgumentParser(prog="python -m infra.deployment", description=__doc__)
    parser.add_argument("--stage", default="dev", help="dev, prod, or another name; %(default)s unless given")
    parser.add_argument(
        "--param",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"one of {', '.join(PARAMETERS)}; may be given again",
    )
    given = parser.parse_args(arguments)
    parameters = dict(entry.partition("=")[::2] for entry in given.param)
    started = time.monotonic()
    try:
        template = render(given.stage, parameters, packages=PACKAGES)
        found = faults(template)
    except (RenderingFailed, SetupFailed, ToolMissing, OSError) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    for fault in found:
        sys.stderr.write(f"{fault}\n")
    say(
        f"{template.relative_to(ROOT)} ({time.monotonic() - started:.0f} s, {len(found)} findings of cfn-lint)\n"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
