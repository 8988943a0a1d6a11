"""What a start would make for itself, for the functions of a package: generated methods, patterns, trusted documents."""

from __future__ import annotations

import logging
import os
import subprocess
from pathlib import Path
from typing import Final

# Composing is what every function does first; nothing of it needs a setting, and native libraries only where a plugin
# loads some. Where it fails, such as for another machine's libraries, there is a package all the same.
_PROGRAM: Final = """
import sys
from pathlib import Path
from infra import compiled_patterns, generated_code

with compiled_patterns.recorded() as patterns, generated_code.recorded() as found:
    from handlers import deliver, http, jobs, stream, watch, websocket
    from schema.compose import application

    composition = application()
from infra import known_documents

known_documents.keep(composition, known_documents.TRUSTED, Path(sys.argv[1]) / known_documents.FILE.name)
generated_code.keep(found, Path(sys.argv[1]) / generated_code.FILE.name)
compiled_patterns.keep(patterns, Path(sys.argv[1]) / compiled_patterns.FILE.name)
"""


_log = logging.getLogger(__name__)


def record(python: Path, layer: Path, app: Path) -> None:
    """Puts into `app` what `python` compiles while a function starts; warns where none can start here."""
    ran = subprocess.run(
        [python, "-B", "-P", "-S", "-s", "-c", _PROGRAM, app / "infra"],
        env={"PATH": os.defpath, "PYTHONHASHSEED": "0", "PYTHONPATH": f"{app}:{layer}"},
        cwd=app,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    if ran.returncode:
        reason = (ran.stderr.strip().splitlines() or [f"status {ran.returncode}"])[-1]
        _log.warning(
            "Without the bytecode of generated methods and of patterns, as no function starts here under %s (%s): "
            "cold starts take half as long again.",
            python,
            reason,
        )
