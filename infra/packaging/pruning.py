"""Takes out of an installed tree what no function reads. Licences, stubs and metadata stay."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from typing import Final

SERVICES: Final = frozenset({"apigatewaymanagementapi", "dynamodb", "kms", "sqs", "ssm"})
"""What functions call of AWS; botocore's descriptions of the four hundred others are left out."""

_UNUSED: Final = (
    ".lock",  # uv's
    "bin",  # scripts, which name the interpreter of the machine that packs
    "Crypto/SelfTest",
    "boto3/data",  # of resources, where we use clients
    "boto3/examples",
    "colonnade/graphiql",  # for `colonnade dev`
)
# How and from where something was installed, which differs between machines.
_OF_THE_INSTALLER: Final = ("INSTALLER", "REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json")


def prune(tree: Path) -> None:
    """Leaves what can be needed; no RECORD names what is gone."""
    for place in _UNUSED:
        _remove(tree / place)
    for described in (tree / "botocore" / "data").glob("*/"):
        if described.name not in SERVICES:
            _remove(described)
    for record in tree.glob("*.dist-info/RECORD"):
        for name in _OF_THE_INSTALLER:
            _remove(record.with_name(name))
        _name_what_is_there(record)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _name_what_is_there(record: Path) -> None:
    tree = record.parents[1]
    rows = [row for row in csv.reader(io.StringIO(record.read_text())) if (tree / row[0]).exists()]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(sorted(rows))
    record.write_text(text.getvalue())
