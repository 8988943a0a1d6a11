"""One sandbox of Lambda on this machine: a packed function under AWS's own runtime for Python, and nothing else."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from infra.local.on_demand import python_environment
from infra.local.runtime_api import Fault, Invocation, RuntimeApi
from infra.local.stopping import Stopping
from infra.packaging import Unpacked

_POLL = 0.02
_EXECUTION_ENVIRONMENT = "AWS_Lambda_python3.13"  # awslambdaric reads how it is to behave from it


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an event. `fault`: in place of a payload; `seconds`: from its taking to its answer."""

    payload: Any
    fault: Fault | None
    seconds: float


class InitFailed(RuntimeError):
    """A function that does not start. `fault`: what its runtime told; `said`: what it wrote."""

    def __init__(self, handler: str, fault: Fault, said: str) -> None:
        super().__init__(f"{handler} does not start: {fault.type}: {fault.message}\n{said[-3000:]}")
        self.fault = fault
        self.said = said


class Sandbox(Stopping):
    """A started function, which takes one event at a time; it ends with `stop` or with the `with` block.

    `environ`: everything that its environment holds besides what Lambda itself puts there; `snap_start`: stop where
    the snapshot is taken, until `restore`; `python`: an interpreter whose environment holds `awslambdaric`.
    Raises `InitFailed`.
    """

    def __init__(
        self,
        unpacked: Unpacked,
        handler: str,
        environ: Mapping[str, str],
        *,
        snap_start: bool = False,
        python: Path | None = None,
        patience: float = 60.0,
    ) -> None:
        self._handler = handler
        self._api = RuntimeApi()
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `stop`
        started = time.monotonic()
        try:
            self._process = subprocess.Popen(
                [python or python_environment("lambda"), "-m", "awslambdaric", handler],
                cwd=unpacked.task,
                env=_environment(unpacked, handler, self._api.address, snap_start) | dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
            )
        except BaseException:
            self._api.stop()
            self._output.close()
            raise
        try:
            self._await_start(patience)
        except BaseException:
            self.stop()
            raise
        self.init_seconds = self._api.ready_at - started

    @property
    def pid(self) -> int:
        """The process of the runtime."""
        return self._process.pid

    @property
    def api_address(self) -> str:
        """Where the runtime asks for events: a host and a port."""
        return self._api.address

    @property
    def said(self) -> str:
        """What the function wrote so far: on AWS, its log."""
        size = os.fstat(self._output.fileno()).st_size
        return os.pread(self._output.fileno(), size, 0).decode(errors="replace")

    def restore(self) -> None:
        """Goes on from the snapshot."""
        self._api.restore()

    def invoke(self, event: object, timeout: float = 29.0) -> Answer:
        """What the function makes of an event. One that exits, or takes longer than `timeout` seconds, ends the
        sandbox, and the answer tells so, as Lambda's does."""
        invocation = self._api.put(json.dumps(event).encode(), timeout)
        while not invocation.answered.wait(_POLL):
            fault = self._end_of(invocation, timeout)
            if fault is not None and not invocation.answered.is_set():
                return Answer(None, fault, time.monotonic() - (invocation.taken_at or time.monotonic()))
        payload = None if invocation.answer is None else json.loads(invocation.answer)
        return Answer(payload, invocation.fault, invocation.done_at - invocation.taken_at)

    def stop(self) -> None:
        """Ends the function at once, as Lambda does."""
        self._process.kill()
        self._process.wait()
        self._api.stop()
        self._output.close()

    def _await_start(self, patience: float) -> None:
        limit = time.monotonic() + patience
        while not self._api.ready.wait(_POLL):
            if self._process.poll() is not None:
                fault = Fault("Runtime.ExitError", f"exit status {self._process.returncode}")
                raise InitFailed(self._handler, fault, self.said)
            if time.monotonic() > limit:
                raise InitFailed(
                    self._handler, Fault("Sandbox.Timedout", f"not ready after {patience:g} s"), self.said
                )
        if self._api.init_fault is not None:
            self._process.wait()  # the runtime exits, and its log is whole
            raise InitFailed(self._handler, self._api.init_fault, self.said)

    def _end_of(self, invocation: Invocation, timeout: float) -> Fault | None:
        """Why nobody will answer; None while somebody may."""
        if self._process.poll() is not None:
            return Fault("Runtime.ExitError", f"Runtime exited with status {self._process.returncode}")
        if time.time() > invocation.deadline:
            self._process.kill()
            self._process.wait()
            return Fault("Sandbox.Timedout", f"Task timed out after {timeout:.2f} seconds")
        return None

    def __enter__(self) -> Self:
        return self


def _environment(unpacked: Unpacked, handler: str, address: str, snap_start: bool) -> dict[str, str]:
    """What Lambda itself puts into the environment of every function, as far as runtimes and SDKs look at it."""
    return {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": str(unpacked.layer / "python"),
        "PYTHONNOUSERSITE": "1",
        "_HANDLER": handler,
        "LAMBDA_TASK_ROOT": str(unpacked.task),
        "AWS_EXECUTION_ENV": _EXECUTION_ENVIRONMENT,
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_LAMBDA_FUNCTION_NAME": "local",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/local",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start" if snap_start else "on-demand",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
