import threading
from pathlib import Path

import pytest

from infra.local import installation, machine
from infra.local.steps import SetupFailed, Step
from infra.local.toolchain import ToolMissing


def pretend(monkeypatch: pytest.MonkeyPatch, *steps: Step) -> None:
    monkeypatch.setattr(installation, "steps", lambda: iter(steps))
    monkeypatch.setattr(machine, "check", lambda _: None)


def test_the_second_set_up_says_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, Step("uv", tmp_path, (), lambda: None), Step("Node.js", tmp_path, (), lambda: None))
    assert installation.main() == 0
    assert [line.partition(" …")[0].strip() for line in capsys.readouterr().out.splitlines()[1:3]] == [
        "uv",
        "Node.js",
    ]
    assert installation.main() == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize(
    "failure",
    [SetupFailed("npm failed.", "Check the network."), ToolMissing("npm failed. npm", "Check the network.")],
)
def test_a_failure_is_one_message_and_not_a_traceback(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: Exception,
) -> None:
    def fail() -> None:
        raise failure

    pretend(monkeypatch, Step("npm packages", tmp_path, (), fail))
    assert installation.main() == 1
    said = capsys.readouterr().err
    assert "npm failed." in said
    assert "Check the network." in said
    assert "Traceback" not in said


def test_an_interrupted_set_up_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    pretend(monkeypatch, Step("npm packages", tmp_path, (), interrupted))
    assert installation.main() == 130
    assert "`make setup` continues" in capsys.readouterr().err


def test_two_set_ups_at_once_wait_for_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    order: list[str] = []

    def second() -> None:
        with installation.only_one():
            order.append("second")

    with installation.only_one():
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(0.3)
        order.append("first")
    waiting.join(10)
    assert order == ["first", "second"]
    assert capsys.readouterr().out == "Another set-up of this checkout runs: waiting for it.\n"


def test_a_full_disk_is_told_before_anything_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "DISK_NEEDED", 10**18)
    with pytest.raises(
        SetupFailed, match=rf"GB are free on the disk of {tmp_path}; set-up needs 1000000000 GB"
    ):
        machine.check(tmp_path)


def test_a_python_without_venv_is_told_which_package_brings_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(SetupFailed, match="apt install python3-venv"):
        machine.check(tmp_path)


@pytest.mark.parametrize(("libc", "has"), [("glibc 2.31", "2.31"), ("musl", "none")])
def test_a_c_library_that_anvil_cannot_use_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, libc: str, has: str
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("os.confstr", lambda _: libc)
    with pytest.raises(SetupFailed, match=rf"needs glibc 2\.35 or newer; this system has {has}"):
        machine.check(tmp_path)


@pytest.mark.parametrize(
    ("system", "cpu"), [("win32", "AMD64"), ("linux", "riscv64"), ("freebsd14", "x86_64")]
)
def test_an_unsupported_system_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, cpu: str
) -> None:
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("platform.machine", lambda: cpu)
    with pytest.raises(ToolMissing, match="Linux and macOS on x86-64 and arm64 are supported"):
        machine.check(tmp_path)


def test_this_machine_can_be_set_up(tmp_path: Path) -> None:
    machine.check(tmp_path)
