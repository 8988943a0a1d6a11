"""Child processes that never outlive us, and say why when they do not start."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from infra.local import ports
from infra.local.stopping import Stopping

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / ".colonnade" / "logs"

_GUARDIAN = Path(__file__).with_name("guardian.py")
_POLL = 0.02


def exit_on_signals() -> None:
    """From now on SIGTERM and SIGHUP unwind the main thread, so that `with` blocks end what they started.

    Call it before a server that raises the signal again after its own shutdown (uvicorn does): the
    default action would then end us without running a single `finally`.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))


class ProcessFailed(RuntimeError):
    """A process ended, or did not answer, before it was ready; the message holds the end of its log."""

    def __init__(self, name: str, what: str, log: Path) -> None:
        super().__init__(f"{name} {what}. The end of {log}:\n{_tail(log)}")
        self.name = name
        self.log = log


class Process(Stopping):
    """A running command; it ends with `stop`, with the `with` block, or with the process that started it."""

    def __init__(self, name: str, guardian: "subprocess.Popen[bytes]", lifeline: int, log: Path) -> None:
        self.name = name
        self.log = log
        self._guardian = guardian
        self._lifeline: int | None = lifeline

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
        logs: Path = LOGS,
        grace: float = 5.0,
        shown: bool = False,
    ) -> Self:
        """Starts `command` in `directory`, its output in `logs/<name>.log` or, if `shown`, beside ours; `grace`: seconds
        from SIGTERM to SIGKILL.
        """
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"{name.lower().replace(' ', '-')}.log"
        inherited, lifeline = os.pipe()
        try:
            with log.open("wb") as output:
                guardian = subprocess.Popen(
                    [sys.executable, "-I", "-S", _GUARDIAN, str(inherited), str(grace), *command],
                    stdin=subprocess.DEVNULL,
                    stdout=None if shown else output,
                    stderr=None if shown else output,
                    env=None if environment is None else dict(environment),
                    cwd=directory,
                    pass_fds=[inherited],
                    start_new_session=True,  # a terminal's Ctrl-C reaches us alone; we stop our children in order
                )
        except BaseException:
            os.close(lifeline)
            raise
        finally:
            os.close(inherited)
        return cls(name, guardian, lifeline, log)

    @property
    def alive(self) -> bool:
        """Whether the command still runs."""
        return self._guardian.poll() is None

    def wait_until(self, ready: Callable[[], bool], *, timeout: float = 30.0) -> None:
        """Returns once `ready()` holds; raises `ProcessFailed` if the command ends first or `timeout` seconds pass."""
        deadline = time.monotonic() + timeout
        while True:
            if not self.alive:
                raise ProcessFailed(self.name, f"exited with status {self._guardian.returncode}", self.log)
            if ready():
                return
            if time.monotonic() > deadline:
                raise ProcessFailed(self.name, f"was not ready after {timeout:g} s", self.log)
            time.sleep(_POLL)

    def wait_until_listening(self, port: int, *, timeout: float = 30.0) -> None:
        """Returns once loopback `port` accepts connections; raises as `wait_until` does."""
        self.wait_until(lambda: ports.answers(port), timeout=timeout)

    def stop(self) -> None:
        """Ends the command (SIGTERM, and SIGKILL after its grace) and returns when it is gone."""
        self._release(b"")

    def kill(self) -> None:
        """Ends the command at once with SIGKILL, as a crash would."""
        self._release(b"K")

    def _release(self, last_word: bytes) -> None:
        if self._lifeline is not None:
            lifeline, self._lifeline = self._lifeline, None
            try:
                if last_word and self.alive:
                    os.write(lifeline, last_word)
            except BrokenPipeError:
                pass  # it ended by itself meanwhile
            finally:
                os.close(lifeline)
        self._guardian.wait()


def _tail(log: Path, lines: int = 20) -> str:
    text = log.read_text(errors="replace").strip()
    return "\n".join(text.splitlines()[-lines:]) or "(nothing)"
