import os
import sys
from pathlib import Path

import pytest

from infra.local.steps import SetupFailed, Step, execute


class Installer:
    """Work that counts how often it was done, and can be made to fail half-way."""

    def __init__(self, product: Path) -> None:
        self.product = product
        self.times = 0
        self.interrupt = False

    def __call__(self) -> None:
        self.times += 1
        self.product.mkdir(exist_ok=True)
        if self.interrupt:
            raise KeyboardInterrupt


@pytest.fixture
def installer(tmp_path: Path) -> Installer:
    return Installer(tmp_path / "product")


def step_with(installer: Installer, *inputs: str | Path) -> Step:
    return Step("Python packages", installer.product, inputs, installer)


def bring_up(step: Step) -> None:
    if not step.is_done():
        step.run()


def test_a_step_is_done_once(installer: Installer) -> None:
    bring_up(step_with(installer, "3.11"))
    bring_up(step_with(installer, "3.11"))
    assert installer.times == 1


def test_a_step_tells_its_name_and_how_long_it_took(
    installer: Installer, capsys: pytest.CaptureFixture[str]
) -> None:
    step_with(installer).run()
    assert capsys.readouterr().out == "  Python packages … 0.0 s\n"


@pytest.mark.parametrize("after", [("3.12",), ("3.11", "lock"), ()])
def test_a_step_is_done_again_when_its_inputs_change(installer: Installer, after: tuple[str, ...]) -> None:
    bring_up(step_with(installer, "3.11"))
    bring_up(step_with(installer, *after))
    assert installer.times == 2


def test_a_step_is_done_again_when_a_lock_changes(installer: Installer, tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("a==1")
    bring_up(step_with(installer, lock))
    lock.write_text("a==2")
    bring_up(step_with(installer, lock))
    assert installer.times == 2


def test_a_step_is_done_again_when_its_product_is_gone(installer: Installer) -> None:
    step = step_with(installer)
    step.run()
    step.stamp.unlink()
    installer.product.rmdir()
    assert not step.is_done()


def test_an_interrupted_step_is_not_done_even_where_it_once_was(installer: Installer) -> None:
    bring_up(step_with(installer, "old lock"))
    installer.interrupt = True
    with pytest.raises(KeyboardInterrupt):
        bring_up(step_with(installer, "new lock"))
    assert not step_with(installer, "new lock").is_done()
    assert not step_with(installer, "old lock").is_done()


@pytest.mark.parametrize(
    ("said", "mend"),
    [
        ("npm error code ENOTFOUND", "A download failed"),
        ("Temporary failure in name resolution", "A download failed"),
        ("invalid peer certificate: UnknownIssuer", "set SSL_CERT_FILE"),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("something else", "start from nothing"),
    ],
)
def test_a_failing_command_is_reported_with_what_it_said_and_what_to_do(
    tmp_path: Path, said: str, mend: str
) -> None:
    command = [sys.executable, "-c", f"import sys; print('first'); sys.exit({said!r})"]
    with pytest.raises(SetupFailed) as failure:
        execute(command, environment=os.environ, directory=tmp_path)
    assert said in failure.value.problem
    assert "first" in failure.value.problem
    assert mend in failure.value.mend


def test_a_command_answers_with_its_output(tmp_path: Path) -> None:
    assert execute([sys.executable, "-c", "print(1)"], environment=os.environ, directory=tmp_path) == "1\n"
