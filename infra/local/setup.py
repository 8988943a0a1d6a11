"""Sets this checkout up with nothing but a Python: `python3 infra/local/setup.py`.

This file is read by whatever `python3` is, so it keeps to the syntax of Python 3.6, and old ones get
a sentence instead of a SyntaxError. The work is in installation.py.
"""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def newer_python():
    # type: () -> str | None
    """A Python on PATH that is new enough, under its versioned name."""
    for minor in (13, 12, 11):
        path = shutil.which(f"python3.{minor}")
        # A version manager's shim may exist for a version that is not switched on.
        if path and subprocess.call([path, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return path
    return None


def main():
    # type: () -> int
    """The exit status: 0 once everything is in place."""
    if sys.version_info < OLDEST:
        found = newer_python()
        if found:
            os.execv(found, [found, os.path.abspath(__file__)])  # noqa: S606
        version = ".".join(map(str, sys.version_info[:3]))
        sys.stderr.write(
            f"Colonnade needs Python 3.11 or newer; {sys.executable} is Python {version}.\n"
            "Install one and name it: make setup PYTHON=/path/to/python3.12\n"
        )
        return 1
    # Run as a script, the first entry is this folder, whose modules would shadow the standard library's.
    sys.path[0] = ROOT
    from infra.local import installation  # noqa: PLC0415 (too new a syntax for the Pythons refused above)

    return installation.main()


if __name__ == "__main__":
    sys.exit(main())
