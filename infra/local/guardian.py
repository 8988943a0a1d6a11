"""Runs one command, and ends it when the process that asked for it stops it or dies.

The only line between the two is a pipe. Its other end closes when the owner closes it and also when
the owner is killed outright, so stopping and dying are the same thing here, on Linux and on macOS.
(Linux's PR_SET_PDEATHSIG fires when the *thread* that started a child ends, which is not what we want.)

Stdlib only, run as a script: `python -I -S guardian.py LIFELINE GRACE COMMAND…`. A byte `K` on the
lifeline kills without grace, as a crash would.
"""

import os
import select
import signal
import subprocess
import sys


def main(lifeline: int, grace: float, command: list[str]) -> int:
    """The command's exit status, 128 + n when signal n ended it, 127 when it could not be started."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, lambda *_: None)  # only the lifeline ends us: nobody may orphan the command
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 127
    while child.poll() is None:
        ready, _, _ = select.select([lifeline, woken], [], [])
        if woken in ready:
            os.read(woken, 512)
        if lifeline in ready:
            _end(child, 0 if os.read(lifeline, 1) == b"K" else grace)
    _signal_group(child.pid, signal.SIGKILL)  # what the command itself left behind
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _end(child: subprocess.Popen[bytes], grace: float) -> None:
    if grace:
        _signal_group(child.pid, signal.SIGTERM)
        try:
            child.wait(grace)
        except subprocess.TimeoutExpired:
            sys.stderr.write(f"Did not stop within {grace} s of SIGTERM: killed.\n")
    _signal_group(child.pid, signal.SIGKILL)
    child.wait()


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        return


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
