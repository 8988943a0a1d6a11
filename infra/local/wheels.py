"""Wheels of plugins that are on no registry: whoever runs this application puts them into `wheels/`."""

from collections.abc import Sequence

from infra.local.toolchain import ROOT

WHEELS = ROOT / "wheels"


def find_links() -> Sequence[str]:
    """uv's options to find those wheels; a lock names their hashes, and not where they were."""
    return ("--find-links", str(WHEELS)) if any(WHEELS.glob("*.whl")) else ()
