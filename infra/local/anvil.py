"""anvil: an Ethereum node for development, here as the local Base."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Self

from infra.local import ports, toolchain
from infra.local.processes import Process
from infra.local.stopping import Stopping

CHAIN_ID: Final = 8453

_LISTENING: Final = re.compile(rf"^Listening on {re.escape(ports.LOOPBACK)}:(\d+)$", re.MULTILINE)


class Anvil(Stopping):
    """A running anvil on `port`; it ends with `stop`, with the `with` block, or with us."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.port = port
        self.url = f"http://{ports.LOOPBACK}:{port}"

    @classmethod
    def start(
        cls, *, logs: Path, state: Path | None = None, keep: bool = True, block_time: float | None = None
    ) -> Self:
        """Starts one on a free port, with the state in the file `state` or with an empty chain.

        `keep`: write the state back every two seconds and at the end. `block_time`: seconds between blocks;
        with or without it a transaction is mined at once. Raises `ProcessFailed`, `ToolMissing`.
        """
        # With one slot an epoch, `safe` and `finalized` are one and two blocks behind `latest`, not minutes.
        flags = ["--chain-id", str(CHAIN_ID), "--host", ports.LOOPBACK, "--slots-in-an-epoch", "1"]
        if state is not None and keep:
            flags += ["--state", str(state), "--state-interval", "2"]
        elif state is not None:
            flags += ["--load-state", str(state)]
        if block_time is not None:
            flags += ["--block-time", f"{block_time:g}", "--mixed-mining"]
        # It binds a free port itself and prints which, so that nobody can take the port in between.
        process = Process.start("anvil", [toolchain.anvil(), "--port", "0", *flags], logs=logs)
        try:
            process.wait_until(lambda: _LISTENING.search(process.log.read_text()) is not None)
        except BaseException:
            process.stop()
            raise
        printed = _LISTENING.search(process.log.read_text())
        assert printed is not None
        return cls(process, int(printed[1]))

    def stop(self) -> None:
        """Ends it, the state written if it is kept."""
        self.process.stop()

    def kill(self) -> None:
        """Ends it as a crash would: what it wrote in the last two seconds is all that is kept."""
        self.process.kill()
