"""A `TinyNode` that answers questions about records with whatever a test gives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from tests.infra.rpc.tiny_node import Json, NodeError, TinyNode

HASH: Final = b"\x11" * 32
SENDER: Final = "0x" + "aa" * 20
CONTRACT: Final = "0x" + "cc" * 20
TOPIC: Final = "0x" + "0a" * 32
NUMBER: Final = 99


@dataclass
class RecordingNode(TinyNode):
    """`answers`: by method, what it answers, or the error that it raises; what it has of `HASH` unless told."""

    answers: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, method: str) -> Any:
        if method not in vars(self).get("answers", {}):
            raise AttributeError(method)

        def answer(*_params: object) -> Any:
            if isinstance(self.answers[method], NodeError):
                raise self.answers[method]
            return self.answers[method]

        return answer

    def block_hash(self, number: int = NUMBER) -> str:
        return "0x" + self.hash(number).hex()

    def log(self, **changed: object) -> Json:
        return {
            "address": CONTRACT,
            "topics": [TOPIC],
            "data": "0x01",
            "logIndex": "0x0",
            "blockNumber": hex(NUMBER),
            "blockHash": self.block_hash(),
            "transactionHash": "0x" + HASH.hex(),
            "removed": False,
        } | changed

    def receipt(self, **changed: object) -> Json:
        return {
            "transactionHash": "0x" + HASH.hex(),
            "blockNumber": hex(NUMBER),
            "blockHash": self.block_hash(),
            "transactionIndex": "0x0",
            "from": SENDER,
            "to": CONTRACT,
            "status": "0x1",
            "gasUsed": "0x5208",
            "effectiveGasPrice": "0x1",
            "logs": [self.log()],
        } | changed

    def transaction(self, **changed: object) -> Json:
        return {
            "hash": "0x" + HASH.hex(),
            "blockNumber": hex(NUMBER),
            "blockHash": self.block_hash(),
            "from": SENDER,
            "to": CONTRACT,
            "nonce": "0x0",
            "value": "0x0",
            "input": "0x",
            "chainId": "0x2105",
        } | changed

    def simulated(self, *calls: Json, **changed: object) -> list[Json]:
        return [{"parentHash": self.block_hash(self.head), "calls": list(calls)} | changed]


def simulated_call(**changed: object) -> Json:
    """A call that succeeded, as nodes tell it."""
    return {"status": "0x1", "returnData": "0x", "logs": [], "gasUsed": "0x5208"} | changed
