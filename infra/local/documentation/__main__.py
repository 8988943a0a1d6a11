"""`python -m infra.local.documentation [--check]`: write the generated pages and build the site.

With `--check` nothing is written: the exit status is 1 where a generated page is not what it would be.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from infra.local.documentation.references import FOLDER, references, stale, write
from infra.local.documentation.site import PLACE, CannotBuild, build
from infra.local.steps import SetupFailed
from infra.local.toolchain import ROOT


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    pages = references()
    if "--check" in arguments:
        old = list(stale(pages))
        for name in old:
            sys.stdout.write(f"{(FOLDER / name).relative_to(ROOT)} is out of date: run `make docs`\n")
        return 1 if old else 0
    write(pages)
    try:
        build(PLACE)
    except (CannotBuild, SetupFailed) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Open {(PLACE / 'index.html').relative_to(ROOT)} in a browser; it needs no server.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
