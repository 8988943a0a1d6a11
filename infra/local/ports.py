"""Free TCP ports for what we start, and a plain answer when a wanted one is taken."""

import errno
import random
import re
import socket
import sys
from pathlib import Path

LOOPBACK = "127.0.0.1"

# Systems hand out ephemeral ports to outgoing connections from 32768 up. A port below that range
# cannot be taken by one between our finding it free and the started program binding it.
_BELOW_EPHEMERAL = range(20_000, 32_000)


class PortInUse(RuntimeError):
    """A port somebody asked for by number is held by another program."""

    def __init__(self, port: int, purpose: str, holder: str | None) -> None:
        by = holder or "another program"
        super().__init__(
            f"Port {port}, wanted for {purpose}, is in use by {by}. Stop it, or choose another port."
        )
        self.port = port
        self.holder = holder


def free_port() -> int:
    """A loopback port that nobody listens on now, for a program that insists on being told a number."""
    for _ in range(100):
        port = random.choice(_BELOW_EPHEMERAL)  # noqa: S311 (a port is no secret)
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise RuntimeError("No free port between 20000 and 32000: stop some of the programs that listen there.")


def listen(port: int, purpose: str) -> socket.socket:
    """A socket listening on loopback `port` (0: any free one).

    Raises `PortInUse` with the holder's name, and OSError, with the port's number, for whatever else the system says.
    """
    # asyncio sends without delay only on sockets that say that they are TCP.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        if error.errno != errno.EADDRINUSE:
            raise OSError(error.errno, f"Port {port}, wanted for {purpose}: {error.strerror}") from error
        raise PortInUse(port, purpose, holder_of(port)) from error
    return listener


def answers(port: int) -> bool:
    """Whether something accepts connections on loopback `port`."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0


def holder_of(port: int) -> str | None:
    """The program listening on `port` as `name (pid 123)`, where the system lets us see it (Linux only)."""
    if sys.platform != "linux":
        return None
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(handle.readlink()) in sockets for handle in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
        except OSError:
            continue  # gone meanwhile, or another user's
    return None


def _listening_inodes(port: int) -> set[str]:
    listening = re.compile(rf":{port:04X} [0-9A-F]+:0000 0A ")
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if table.exists():
            found |= {line.split()[9] for line in table.read_text().splitlines() if listening.search(line)}
    return found
