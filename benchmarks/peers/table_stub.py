"""DynamoDB, as far as three reads go: a row to a GetItem, 25 to a Query, those that a
BatchGetItem names, each of a dozen attributes.

Prints its port, and serves until standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
import zlib
from typing import Any, Final

TABLE: Final = "rows"
ROWS: Final = 100
PAGE: Final = 25


def row(number: int) -> dict[str, Any]:
    """A row as DynamoDB writes it: texts, numbers, a list and a map, beside its keys."""
    return {
        "_pk": {"S": "ROW#wallet"},
        "_sk": {"S": f"{number:06}"},
        "id": {"S": f"row_{number:06}"},
        "owner": {"S": f"0x{number:040x}"},
        "name": {"S": f"Row number {number}, with a name of some length"},
        "amount": {"N": str(10**24 + number)},
        "version": {"N": str(number)},
        "decimals": {"N": "18"},
        "active": {"BOOL": number % 2 == 0},
        "note": {"NULL": True},
        "tags": {"L": [{"S": "first"}, {"S": f"tag {number}"}]},
        "origin": {"M": {"chain": {"N": "8453"}, "block": {"N": str(20_000_000 + number)}}},
    }


def _written(**body: object) -> bytes:
    text = json.dumps(body, separators=(",", ":")).encode()
    head = (
        "HTTP/1.1 200 OK\r\nServer: Server\r\nDate: Mon, 01 Jun 2026 00:00:00 GMT\r\n"
        f"Content-Type: application/x-amz-json-1.0\r\nContent-Length: {len(text)}\r\nConnection: keep-alive\r\n"
        f"x-amzn-RequestId: {'A' * 52}\r\nx-amz-crc32: {zlib.crc32(text)}\r\n\r\n"
    )
    return head.encode() + text


ANSWERS: Final = {
    b"GetItem": _written(Item=row(0)),
    b"Query": _written(Items=[row(n) for n in range(PAGE)], Count=PAGE, ScannedCount=PAGE),
    b"BatchGetItem": _written(Responses={TABLE: [row(n) for n in range(ROWS)]}, UnprocessedKeys={}),
}


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
            named = {name.lower(): value for name, value in fields.items()}
            await reader.readexactly(int(named[b"content-length"]))
            writer.write(ANSWERS[named[b"x-amz-target"].rpartition(b".")[2]])
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _main() -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_main())
