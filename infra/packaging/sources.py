"""What a package is made of, file by file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.local.toolchain import ROOT

FOLDERS: Final = ("handlers", "infra", "plugins", "schema")

LAPTOP_ONLY: Final = frozenset(
    {
        "handlers/background.py",
        "handlers/banner.py",
        "handlers/demo.py",
        "handlers/doctor.py",
        "handlers/earlier_rows.py",
        "handlers/first_query.py",
        "handlers/gateway",
        "handlers/graphiql",
        "handlers/local.py",
        "handlers/operating.py",
        "handlers/workers.py",
        "infra/deployment",
        "infra/doctor",
        "infra/dynamodb/copying.py",
        "infra/local",
        "infra/package.py",
        "infra/packaging",
        "infra/queues/events.py",
        "infra/queues/redriving.py",
        "infra/resources",
        "schema/schema.graphql",
    }
)
"""What of those folders no function needs, in a deployment."""

GRAPHIQL: Final = "build/graphiql"

_NEVER: Final = frozenset({"__pycache__", "node_modules", "tests"})


@dataclass(frozen=True, slots=True)
class Sources:
    """`root`: the checkout; `requirements`: the hashed lock, the checkout's own where it is None; `find_links`: folders
    of wheels that are on no registry, `wheels/` of the checkout where it is None; `graphiql`: whether its page goes along.
    """

    root: Path = ROOT
    requirements: Path | None = None
    find_links: Sequence[Path] | None = None
    graphiql: bool = False

    @property
    def lock(self) -> Path:
        """The hashed lock of what the layer holds."""
        return self.requirements or self.root / "requirements.lock"

    @property
    def plugins_lock(self) -> Path:
        """Which plugins a package must hold, and no others."""
        return self.root / "plugins.lock.json"

    @property
    def sdk(self) -> Path:
        """The project that the SDK's wheel is built from."""
        return self.root / "sdk"

    @property
    def wheels(self) -> Sequence[Path]:
        """The folders of wheels that there are."""
        if self.find_links is not None:
            return self.find_links
        folder = self.root / "wheels"
        return [folder] if any(folder.glob("*.whl")) else []

    def application_files(self) -> Iterator[tuple[str, Path]]:
        """Each file of ours by its path below the task root, in order; the SDK's are not among them."""
        for folder in (*FOLDERS, *([GRAPHIQL] if self.graphiql else [])):
            for path in sorted((self.root / folder).rglob("*")):
                place = path.relative_to(self.root)
                if path.is_file() and not _is_left_out(place):
                    yield place.as_posix(), path

    def layer_fingerprint(self) -> str:
        """A hash of everything that a layer is made of: equal ones make equal layers for one target."""
        wheels = (path for folder in self.wheels for path in folder.glob("*.whl"))
        return _hash_of({str(path): path for path in (self.lock, *wheels, *_builder())})

    def app_fingerprint(self) -> str:
        """Likewise of the app."""
        sdk = (path for path in (self.sdk / "src").rglob("*") if not _is_left_out(path.relative_to(self.sdk)))
        project = (self.sdk / name for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"))
        files = [path for path in (*sdk, *project, self.plugins_lock, *_builder()) if path.is_file()]
        return _hash_of({**dict(self.application_files()), **{str(path): path for path in files}})


def _builder() -> Iterator[Path]:
    return Path(__file__).parent.glob("*.py")


def _hash_of(files: Mapping[str, Path]) -> str:
    digest = hashlib.sha256()
    for place, path in sorted(files.items()):
        digest.update(f"{place}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _is_left_out(place: Path) -> bool:
    if any(part in _NEVER or part.startswith(".") for part in place.parts) or place.suffix == ".pyc":
        return True
    return any(str(ancestor) in LAPTOP_ONLY for ancestor in (place, *place.parents))
