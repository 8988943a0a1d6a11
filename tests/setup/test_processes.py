import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local import ports
from infra.local.processes import ROOT, Process, ProcessFailed

SLEEPER = (
    "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(600)"
)
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def pid_in(file: Path) -> int:
    assert eventually(lambda: file.exists() and file.read_text() != "")
    return int(file.read_text())


def start_sleeper(directory: Path, code: str = SLEEPER, grace: float = 5.0) -> tuple[Process, int]:
    marker = directory / "pid"
    sleeper = Process.start("sleeper", [sys.executable, "-c", code, marker], logs=directory, grace=grace)
    return sleeper, pid_in(marker)


def start_owner(directory: Path) -> "subprocess.Popen[bytes]":
    """Another Python that owns a sleeper, as `make dev` owns its database and chain."""
    program = f"""
        import pathlib, sys, time
        from infra.local.processes import Process, exit_on_signals
        exit_on_signals()
        here = pathlib.Path({str(directory)!r})
        with Process.start("sleeper", [sys.executable, "-c", {SLEEPER!r}, here / "pid"], logs=here):
            time.sleep(600)
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def test_leaving_the_with_block_ends_the_process(tmp_path: Path) -> None:
    sleeper, pid = start_sleeper(tmp_path)
    with sleeper:
        assert running(pid)
    assert not running(pid)
    assert not sleeper.alive


def test_a_process_that_ignores_sigterm_is_killed_after_its_grace(tmp_path: Path) -> None:
    sleeper, pid = start_sleeper(tmp_path, STUBBORN, grace=0.2)
    sleeper.stop()
    assert not running(pid)
    assert "Did not stop within 0.2 s" in sleeper.log.read_text()


def test_kill_gives_no_time_to_clean_up(tmp_path: Path) -> None:
    cleans_up = (
        "import atexit, signal, sys; signal.signal(signal.SIGTERM, lambda *_: print('cleaned', flush=True)); "
    )
    sleeper, pid = start_sleeper(tmp_path, cleans_up + SLEEPER)
    sleeper.kill()
    assert not running(pid)
    assert sleeper.log.read_text() == ""


def test_stopping_twice_or_after_the_end_is_harmless(tmp_path: Path) -> None:
    ended = Process.start("brief", [sys.executable, "-c", ""], logs=tmp_path)
    assert eventually(lambda: not ended.alive)
    ended.stop()
    ended.stop()
    ended.kill()


def test_what_a_process_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    parent_of_sleeper = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPER!r}, {str(marker)!r}]).wait()"
    with Process.start("family", [sys.executable, "-c", parent_of_sleeper], logs=tmp_path):
        grandchild = pid_in(marker)
    assert eventually(lambda: not running(grandchild))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_no_process_survives_its_owner(tmp_path: Path, number: signal.Signals) -> None:
    with start_owner(tmp_path) as owner:
        pid = pid_in(tmp_path / "pid")
        owner.send_signal(number)
        owner.wait(10)
    assert eventually(lambda: not running(pid))


def test_a_process_survives_the_thread_that_started_it(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        sleeper, pid = pool.submit(start_sleeper, tmp_path).result()
    with sleeper:
        time.sleep(0.2)
        assert running(pid)


def test_dying_at_start_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    noisy = "import sys; print('\\n'.join(f'line {n}' for n in range(50)), flush=True); sys.exit('no such genesis')"
    with (
        Process.start("anvil", [sys.executable, "-c", noisy], logs=tmp_path) as process,
        pytest.raises(ProcessFailed) as failure,
    ):
        process.wait_until_listening(ports.free_port())
    assert "anvil exited with status 1" in str(failure.value)
    assert "no such genesis" in str(failure.value)
    assert "line 49" in str(failure.value)
    assert "line 10\n" not in str(failure.value)


def test_a_command_that_does_not_exist_is_reported_by_its_name(tmp_path: Path) -> None:
    with (
        Process.start("anvil", ["/nonexistent/anvil"], logs=tmp_path) as process,
        pytest.raises(ProcessFailed, match=r"status 127(.|\n)*/nonexistent/anvil"),
    ):
        process.wait_until(lambda: False)


def test_never_getting_ready_is_reported_after_the_timeout(tmp_path: Path) -> None:
    sleeper, _ = start_sleeper(tmp_path)
    with sleeper, pytest.raises(ProcessFailed, match=r"sleeper was not ready after 0\.1 s"):
        sleeper.wait_until_listening(ports.free_port(), timeout=0.1)


def test_a_listening_process_is_ready(tmp_path: Path) -> None:
    port = ports.free_port()
    serve = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with Process.start("web", serve, logs=tmp_path, directory=tmp_path) as server:
        server.wait_until_listening(port)
        assert ports.answers(port)
    assert not ports.answers(port)
