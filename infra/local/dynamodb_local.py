"""Amazon's DynamoDB Local: a real engine for transactions, streams and idempotency tokens, on a laptop."""

import sys
from pathlib import Path
from typing import Self

from infra.local import ports, toolchain
from infra.local.processes import LOGS, ROOT, Process
from infra.local.stopping import Stopping

LICENCE_NOTICE = """\
The local database is Amazon's DynamoDB Local. Its licence asks that its users have an AWS account in
good standing. If you have none, set DYNAMODB=moto: an open-source stand-in, slower and kept in memory.
"""

_NOTICE_SHOWN = ROOT / ".colonnade" / "dynamodb-local-licence-shown"
_MEMORY = "-Xmx384m"


class DynamoDBLocal(Stopping):
    """A running DynamoDB Local at `endpoint`; it ends with `stop`, with the `with` block, or with us."""

    def __init__(self, process: Process, endpoint: str) -> None:
        self.process = process
        self.endpoint = endpoint

    @classmethod
    def start(cls, directory: Path | None = None, *, shared: bool = False, logs: Path = LOGS) -> Self:
        """Starts one that keeps its data in `directory`, or in memory when that is None.

        Unless `shared`, every access key (letters and digits only) and region has a database of its own:
        give each test worker its own key, and they never meet.
        """
        jar = toolchain.dynamodb_local()
        java = toolchain.java()
        _show_licence_notice()
        port = ports.free_port()
        if directory is None:
            storage = ["-inMemory"]
        else:
            directory.mkdir(parents=True, exist_ok=True)
            storage = ["-dbPath", str(directory)]
        if shared:
            storage.append("-sharedDb")
        process = Process.start(
            "DynamoDB Local",
            [
                java,
                _MEMORY,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",  # ready sooner; the difference in peak speed does not show here
                "--enable-native-access=ALL-UNNAMED",
                f"-Djava.library.path={jar / 'DynamoDBLocal_lib'}",
                "-jar",
                jar / "DynamoDBLocal.jar",
                "-disableTelemetry",
                "-port",
                str(port),
                *storage,
            ],
            logs=logs,
        )
        try:
            process.wait_until_listening(port)
        except BaseException:
            process.stop()
            raise
        return cls(process, f"http://{ports.LOOPBACK}:{port}")

    def stop(self) -> None:
        """Ends it; what is on disk stays."""
        self.process.stop()


def _show_licence_notice() -> None:
    if not _NOTICE_SHOWN.exists():
        _NOTICE_SHOWN.parent.mkdir(parents=True, exist_ok=True)
        _NOTICE_SHOWN.touch()
        sys.stderr.write(LICENCE_NOTICE)
