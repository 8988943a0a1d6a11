"""Every way an endpoint can misbehave."""

from __future__ import annotations

from tests.infra.rpc.http_server import Behaviour, Exchange, serving
from tests.infra.rpc.tiny_node import TinyNode

LIMIT = 100_000


def refuse_batches(exchange: Exchange) -> None:
    exchange.reply({"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "no batches"}})


def with_foreign_ids(exchange: Exchange) -> None:
    exchange.reply([{"jsonrpc": "2.0", "id": 0, "result": "0x1"} for _ in exchange.batch])


def with_results(result: object) -> Behaviour:
    return lambda exchange: exchange.reply(
        [
            {"jsonrpc": "2.0", "id": r["id"], "result": "0x2105" if i == 0 else result}
            for i, r in enumerate(exchange.batch)
        ]
    )


BEHAVIOURS: dict[str, Behaviour] = {
    "hangs": Exchange.hang,
    "drips": lambda exchange: exchange.drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000),
    "resets": Exchange.reset,
    "HTML 502": lambda exchange: exchange.reply_bytes(b"<html>Bad Gateway</html>", 502),
    "HTML 200": lambda exchange: exchange.reply_bytes(b"<html>Hello</html>"),
    "401": lambda exchange: exchange.reply({"error": "no key"}, 401),
    "redirect": lambda exchange: exchange.reply_bytes(b"", 302, Location="http://127.0.0.1:1/"),
    "huge": lambda exchange: exchange.reply_bytes(b" " * (LIMIT + 1)),
    "batches refused": refuse_batches,
    "foreign ids": with_foreign_ids,
    "half the answers": lambda exchange: exchange.reply([]),
    "null results": with_results(None),
    "number results": with_results(1),
    "odd hex": with_results("0x123"),
    "short results": with_results("0x" + "00" * 31),
    "absurd offsets": with_results("0x" + "ff" * 640),
    "wrong chain": serving(TinyNode(chain_id=1)),
    "rate limit": lambda exchange: exchange.reply({}, 429, Retry_After="30"),
}


def deadline_for(misbehaviour: str) -> float:
    """Short where the test has to wait for it."""
    return 0.3 if misbehaviour in {"hangs", "drips"} else 5.0
