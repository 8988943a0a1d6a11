"""Steps of a set-up: each leaves a stamp in what it made, so that it is done once and never by halves."""

import hashlib
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_NETWORK = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|getaddrinfo|name resolution|dns error"
    r"|error sending request|Connection refused|NewConnectionError|timed out|Failed to fetch",
    re.IGNORECASE,
)
_CERTIFICATE = re.compile(
    r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|SELF_SIGNED|UNABLE_TO_GET_ISSUER", re.IGNORECASE
)
_DISK = re.compile(r"ENOSPC|No space left", re.IGNORECASE)


class SetupFailed(Exception):
    """What went wrong, and what to do about it."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(f"{problem}\n{mend}")
        self.problem = problem
        self.mend = mend


@dataclass(frozen=True)
class Step:
    """One thing to install: `product` is made by `work` whenever `inputs` (texts, or files' contents) change.

    The stamp is removed before the work and written after it. It lies inside the product and goes with it.
    """

    name: str
    product: Path
    inputs: tuple[str | Path, ...]
    work: Callable[[], None]

    @property
    def stamp(self) -> Path:
        """The file that vouches for the product."""
        return self.product / f".set-up-{self.name.lower().replace(' ', '-')}"

    def is_done(self) -> bool:
        """Whether the product was made, to the end, from these inputs."""
        try:
            return self.stamp.read_text() == self._fingerprint()
        except FileNotFoundError:
            return False

    def run(self) -> None:
        """Does the work, telling how long it took."""
        say(f"  {self.name} … ")
        started = time.monotonic()
        fingerprint = self._fingerprint()
        self.stamp.unlink(missing_ok=True)
        self.work()
        self.product.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(fingerprint)
        say(f"{time.monotonic() - started:.1f} s\n")

    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for given in self.inputs:
            content = given.read_bytes() if isinstance(given, Path) else given.encode()
            digest.update(hashlib.sha256(content).digest())
        return digest.hexdigest()


def say(text: str) -> None:
    """Writes `text` to standard output at once, as people wait for it."""
    sys.stdout.write(text)
    sys.stdout.flush()


def execute(command: Sequence[str | Path], *, environment: Mapping[str, str], directory: Path) -> str:
    """The command's standard output; raises `SetupFailed` with the end of what it said and how to mend it."""
    result = subprocess.run(
        command, env=environment, cwd=directory, capture_output=True, text=True, errors="replace", check=False
    )
    if result.returncode:
        said = f"{result.stdout}\n{result.stderr}".strip()
        line = " ".join(map(str, command))
        raise SetupFailed(f"`{line}` failed with status {result.returncode}:\n{said[-3000:]}", _mend(said))
    return result.stdout


def _mend(said: str) -> str:
    again = "Then run `make setup` again: what is done stays done."
    if _DISK.search(said):
        return f"The disk is full: free about 2 GB. {again}"
    if _CERTIFICATE.search(said):
        return f"A certificate is not trusted: behind a proxy that signs its own, set SSL_CERT_FILE and NODE_EXTRA_CA_CERTS. {again}"
    if _NETWORK.search(said):
        return f"A download failed: check the network, and HTTPS_PROXY if you are behind one. {again}"
    return "If this is not clear, `make clean-all` and `make setup` start from nothing."
