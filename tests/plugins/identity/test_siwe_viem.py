"""Messages of viem, which wallets and pages use, mean the same here."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.identity.siwe import SiweMessage, format_message, parse_message
from tests.plugins.identity.siwe_messages import (
    ALPHANUMERIC,
    RESERVED,
    UNRESERVED,
    addresses,
    paths,
    schemes,
)

ROOT: Final = Path(__file__).parents[3]
SCRIPT: Final = """
import { createSiweMessage, parseSiweMessage } from 'viem/siwe'
import { readFileSync } from 'node:fs'
const dated = (given) => Object.fromEntries(Object.entries(given).map(
  ([name, value]) => [name, /At$|Time$|Before$/.test(name) ? new Date(value) : value]))
const { create, parse } = JSON.parse(readFileSync(0, 'utf8'))
process.stdout.write(JSON.stringify({
  created: create.map((given) => createSiweMessage({ version: '1', ...dated(given) })),
  parsed: parse.map((text) => parseSiweMessage(text)),
}))
"""

moments = st.datetimes(datetime(1971, 1, 1), datetime(9000, 1, 1)).map(
    lambda at: at.isoformat(timespec="milliseconds") + "Z"
)
domains = st.sampled_from(["app.example", "localhost:5173", "127.0.0.1:80", "a-b.c-d.xn--p1ai:443"])
uris = st.builds(lambda domain, path: f"https://{domain}{path}", domains, paths)
words = st.text(UNRESERVED + "!$&'()*+,;=:@", min_size=1, max_size=12)
given_to_viem = st.fixed_dictionaries(
    {
        "domain": domains,
        "address": addresses,
        "uri": uris,
        "chainId": st.integers(1, 2**40),
        "nonce": st.text(ALPHANUMERIC, min_size=8, max_size=30),
        "issuedAt": moments,
    },
    optional={
        "scheme": schemes,
        "statement": st.text(UNRESERVED + RESERVED + " ", min_size=1, max_size=40),
        "expirationTime": moments,
        "notBefore": moments,
        "requestId": words,
        "resources": st.lists(uris, max_size=3),
    },
)


def viem(create: Sequence[Any] = (), parse: Sequence[str] = ()) -> dict[str, Any]:
    process = subprocess.run(
        ["node", "--input-type=module", "--eval", SCRIPT],
        input=json.dumps({"create": list(create), "parse": list(parse)}),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
        timeout=120,
    )
    answer: dict[str, Any] = json.loads(process.stdout)
    return answer


def meant(message: SiweMessage) -> dict[str, Any]:
    """What a message says, in viem's words."""
    said = {
        "domain": message.domain,
        "address": message.address,
        "uri": message.uri,
        "chainId": message.chain_id,
        "nonce": message.nonce,
        "issuedAt": _milliseconds(message.issued),
        "scheme": message.scheme,
        "statement": message.statement,
        "expirationTime": message.expires and _milliseconds(message.expires),
        "notBefore": message.valid_from and _milliseconds(message.valid_from),
        "requestId": message.request_id,
        "resources": None if message.resources is None else list(message.resources),
    }
    return {name: value for name, value in said.items() if value is not None}


@settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(given_to_viem, min_size=40, max_size=60))
def test_viem_writes_what_we_read_and_reads_what_we_write(given: list[dict[str, Any]]) -> None:
    created = viem(create=given)["created"]
    messages = [parse_message(text) for text in created]
    assert [meant(message) for message in messages] == given
    written = [format_message(message) for message in messages]
    assert written == created
    parsed = viem(parse=written)["parsed"]
    assert [{**read, "resources": read.get("resources", [])} for read in parsed] == [
        {"version": "1", **one, "resources": one.get("resources", [])} for one in given
    ]


def _milliseconds(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
