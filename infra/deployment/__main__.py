"""Renders what would be deployed, and lints it: `python -m infra.deployment --stage prod --param operator=on`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence

from infra.deployment.linting import faults
from infra.deployment.rendering import PACKAGES, PARAMETERS, REGION, RenderingFailed, render
from infra.local.steps import SetupFailed, say
from infra.local.toolchain import ROOT, ToolMissing


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 once the template is there, and nothing is wrong with it."""
    parser = argparse.ArgumentParser(prog="python -m infra.deployment", description=__doc__)
    parser.add_argument("--stage", default="dev", help="dev, prod, or another name; %(default)s unless given")
    parser.add_argument(
        "--region",
        default=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or REGION,
        help="where it is to be deployed; AWS_REGION unless given, here %(default)s",
    )
    parser.add_argument(
        "--param",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"one of {', '.join(PARAMETERS)}; may be given again",
    )
    given = parser.parse_args(arguments)
    if wrong := [entry for entry in given.param if "=" not in entry]:
        parser.error(f"--param takes NAME=VALUE, not {wrong[0]}")
    parameters = dict(entry.partition("=")[::2] for entry in given.param)
    started = time.monotonic()
    try:
        template = render(given.stage, parameters, region=given.region, packages=PACKAGES)
        found = faults(template)
    except (RenderingFailed, SetupFailed, ToolMissing, OSError) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    for fault in found:
        sys.stderr.write(f"{fault}\n")
    say(
        f"{template.relative_to(ROOT)}, for {given.region} ({time.monotonic() - started:.0f} s, {len(found)} findings of cfn-lint)\n"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
