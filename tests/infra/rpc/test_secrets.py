"""Keys live in the URLs of endpoints, and nowhere else: not in an error, a log record, a repr or a statistic."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable

import pytest

from colonnade.chains import BASE, Call
from colonnade.errors import ChainUnavailable
from colonnade.evm import checksum
from infra.rpc import ChainSettings, RequestStats
from infra.rpc.target import Target
from tests.infra.rpc.conftest import Connect
from tests.infra.rpc.http_server import Behaviour, Exchange, ScriptedServer
from tests.infra.rpc.tiny_node import TinyNode

SECRETS = {
    "path": "pathkey-8d1f0a77",
    "query": "querykey 5b2c",  # %20 in the URL
    "user": "username-77aa",
    "password": "p@ssword-1234",  # %40 in the URL
}
SPELLINGS = [*SECRETS.values(), "querykey%205b2c", "querykey+5b2c", "p%40ssword-1234"]
CALL = Call(checksum(b"\xec" * 20), b"\x01")


def with_secrets(url: str) -> str:
    scheme, rest = url.split("://")
    return f"{scheme}://{SECRETS['user']}:p%40ssword-1234@{rest}/v2/{SECRETS['path']}/rpc?apikey=querykey%205b2c&x=1"


def echo_of_everything(exchange: Exchange) -> str:
    """All that an endpoint knows of our secrets, as a mad one may repeat it."""
    return f"{exchange.request_line} {exchange.headers} {' '.join(SPELLINGS)}"


def repeat_in_html(exchange: Exchange) -> None:
    exchange.reply_bytes(echo_of_everything(exchange).encode(), 403)


def repeat_as_refusal(exchange: Exchange) -> None:
    error = {"code": -32000, "message": echo_of_everything(exchange), "data": echo_of_everything(exchange)}
    exchange.reply({"jsonrpc": "2.0", "id": None, "error": error})


def repeat_as_error(exchange: Exchange) -> None:
    error = {"code": -32000, "message": echo_of_everything(exchange)}
    exchange.reply([{"jsonrpc": "2.0", "id": request["id"], "error": error} for request in exchange.batch])


def repeat_as_status_line(exchange: Exchange) -> None:
    exchange.send(echo_of_everything(exchange).encode() + b"\r\n\r\n")
    exchange.close()


def repeat_as_location(exchange: Exchange) -> None:
    exchange.reply_bytes(b"", 302, Location=exchange.request_line.split()[1])


def repeat_as_result(exchange: Exchange) -> None:
    said = echo_of_everything(exchange)
    exchange.reply([{"jsonrpc": "2.0", "id": request["id"], "result": said} for request in exchange.batch])


@pytest.mark.parametrize(
    "behaviour",
    [
        Exchange.hang,
        Exchange.reset,
        repeat_in_html,
        repeat_as_refusal,
        repeat_as_error,
        repeat_as_status_line,
        repeat_as_location,
        repeat_as_result,
    ],
)
async def test_no_failure_shows_a_secret(
    behaviour: Behaviour,
    server: ScriptedServer,
    connect: Connect,
    stats: list[RequestStats],
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.otherwise = behaviour
    caplog.set_level(logging.DEBUG)
    chains = connect(with_secrets(server.url), deadline_seconds=0.3, failures_before_rest=1)
    reader = chains.reader(BASE)
    with pytest.raises(ChainUnavailable) as failed:
        await reader.call(CALL)
    shown = "\n".join(
        [
            *traceback.format_exception(failed.value),
            repr(failed.value),
            repr(failed.value.__cause__),
            repr(failed.value.__context__),
            caplog.text,
            *map(repr, stats),
            repr(chains),
            repr(reader),
        ]
    )
    assert server.name in shown
    assert [secret for secret in SPELLINGS if secret in shown] == []


async def test_an_endpoint_that_works_logs_no_secret_at_any_level(
    server: ScriptedServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await connect(with_secrets(server.url)).reader(BASE).call(CALL)
    assert [secret for secret in SPELLINGS if secret in caplog.text] == []
    assert server.exchanges[0].request_line.startswith(
        f"POST /v2/{SECRETS['path']}/rpc?apikey=querykey%205b2c&x=1"
    )


async def test_an_endpoint_of_another_chain_is_named_without_its_secrets(
    serve: Callable[[TinyNode], ScriptedServer], connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(TinyNode(chain_id=1))
    with pytest.raises(ChainUnavailable) as mismatch:
        await connect(with_secrets(server.url)).reader(BASE).block()
    assert str(mismatch.value) == f"{server.name} serves chain 1, not 8453: correct the settings"
    assert str(mismatch.value) in caplog.text
    assert [secret for secret in SPELLINGS if secret in caplog.text] == []


def test_settings_and_targets_show_no_secret() -> None:
    url = with_secrets("https://base.example")
    settings = ChainSettings(BASE, (url,))
    shown = f"{settings!r} {settings.targets()!r} {Target.parse(url, what='it')}"
    assert "base.example" in shown
    assert [secret for secret in SPELLINGS if secret in shown] == []


def test_what_an_endpoint_says_is_one_short_line_without_secrets() -> None:
    target = Target.parse(with_secrets("https://base.example"), what="it")
    said = target.scrub(json.dumps(SECRETS) + "\r\nSet-Cookie: x\x1b[31m" + "y" * 500)
    assert len(said) == 200
    assert said.isprintable()
    assert [secret for secret in SPELLINGS if secret in said] == []
