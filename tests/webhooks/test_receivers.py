"""The receivers that docs/webhooks.md shows, run as they stand there: they take what is sent, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from colonnade.outbound import OutboundRequest
from colonnade.testing import FrozenClock
from infra.http import OutboundHttp
from infra.local.toolchain import ROOT, TESTS, node
from tests.webhooks.scene import URL, Scene

PAGE = ROOT / "docs" / "webhooks.md"


@dataclass
class Receiver:
    """A receiver of the page, at work. `said`: what it prints, line by line."""

    url: str
    said: Iterator[str]

    def heard(self) -> str:
        """What it says next."""
        return next(self.said)


def block(language: str) -> str:
    [text] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return str(text)


@contextmanager
def receiver(command: Sequence[str], secret: str, folder: Path) -> Iterator[Receiver]:
    """Run a receiver with `secret` until the block ends. Fails where it ends before."""
    environment = {**os.environ, "WEBHOOK_SECRET": secret, "PORT": "0"}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            first = process.stdout.readline().split()
            assert first[:1] == ["listening"], f"the receiver ended: {process.poll()}"
            yield Receiver(f"http://127.0.0.1:{first[1]}/", process.stdout)
        finally:
            process.terminate()


def command(language: str, folder: Path) -> Sequence[str]:
    """What runs the page's receiver in this language."""
    if language == "python":
        (folder / "receiver.py").write_text(block("python"))
        return [sys.executable, "receiver.py"]
    (folder / "node_modules").symlink_to(TESTS / "node_modules")
    (folder / "receiver.mjs").write_text(block("ts"))
    return [str(node()), "receiver.mjs"]


def forged(request: OutboundRequest) -> Iterator[OutboundRequest]:
    """What somebody sends who does not know the secret, or who changed or kept what was sent."""
    signature = request.headers["webhook-signature"]
    yield replace(request, body=request.body.replace(b"12", b"13"))
    for name, value in {
        "webhook-id": "msg_0",
        "webhook-timestamp": str(int(request.headers["webhook-timestamp"]) - 400),
        "webhook-signature": "v1," + "A" * 43 + "=",
    }.items():
        yield replace(request, headers={**request.headers, name: value})
    yield replace(request, headers={**request.headers, "webhook-signature": signature.partition(",")[2]})
    yield replace(request, headers={n: v for n, v in request.headers.items() if n != "webhook-signature"})


@pytest.mark.parametrize("language", ["ts", "python"])
async def test_the_receiver_of_the_page_takes_what_is_sent_once_and_no_forgery(
    language: str, tmp_path: Path
) -> None:
    scene = Scene(clock=FrozenClock(datetime.now(UTC)))
    created = await scene.create()
    await scene.sell("o-7", amount="12")
    await scene.work()
    [request] = scene.sent
    http = OutboundHttp(loopback=True)
    with receiver(command(language, tmp_path), created["secret"], tmp_path) as server:
        here = replace(request, url=server.url)
        for forgery in forged(here):
            assert (await http.send(forgery)).status == 401
        assert [(await http.send(here)).status for _ in range(2)] == [204, 204]
        await scene.sell("o-8", amount="12")
        await scene.work()
        assert (await http.send(replace(scene.sent[1], url=server.url))).status == 204
        heard: list[Any] = [server.heard(), server.heard()]
    assert [line.split()[:2] for line in heard] == [
        [sent.headers["webhook-id"], "order.sold"] for sent in scene.sent
    ]
    assert request.url == URL
