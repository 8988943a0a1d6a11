"""How large a package is, beside what Lambda allows (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.packaging.faults import PackagingFailed

_MB: Final = 1024 * 1024

UNZIPPED_LIMIT: Final = 250 * _MB
"""Bytes of a function and all its layers together."""

DIRECT_LIMIT: Final = 50 * _MB
"""Bytes of a zip that is sent to Lambda itself; those that come by way of S3, as ours do, may be larger."""


@dataclass(frozen=True, slots=True)
class Size:
    """One zip, in bytes."""

    name: str
    zipped: int
    unzipped: int


def size_of(archive: Path) -> Size:
    """The size of one zip."""
    with zipfile.ZipFile(archive) as opened:
        unzipped = sum(entry.file_size for entry in opened.infolist())
    return Size(archive.name, archive.stat().st_size, unzipped)


def check_limits(sizes: Sequence[Size], limit: int = UNZIPPED_LIMIT) -> None:
    """Raises `PackagingFailed` for what Lambda would refuse."""
    unzipped = sum(size.unzipped for size in sizes)
    if unzipped > limit:
        raise PackagingFailed(
            f"The package unpacks to {unzipped / _MB:.1f} MB, and Lambda takes {limit / _MB:.0f} MB. "
            "`unzip -lv layer.zip` shows what is large; leave a dependency out."
        )


def report(sizes: Sequence[Size]) -> Iterator[str]:
    """The sizes as lines of a table, with what Lambda allows."""
    both = Size("together", sum(size.zipped for size in sizes), sum(size.unzipped for size in sizes))
    yield f"{'':<10} {'zipped':>10} {'unzipped':>10}"
    for size in (*sizes, both):
        yield f"{size.name:<10} {size.zipped / _MB:>7.1f} MB {size.unzipped / _MB:>7.1f} MB"
    yield (
        f"Lambda takes {UNZIPPED_LIMIT // _MB} MB unzipped, and zips above {DIRECT_LIMIT // _MB} MB only by way of S3."
    )
