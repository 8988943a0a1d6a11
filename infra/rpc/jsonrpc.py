"""JSON-RPC 2.0 batches: what goes into one HTTP request, and what must come out of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn, TypeAlias

from colonnade.nesting import nests_deeper

_LEVELS: Final = 32


@dataclass(frozen=True, slots=True)
class RpcRequest:
    """One call of a batch."""

    method: str
    params: Sequence[object] = ()


@dataclass(frozen=True, slots=True)
class RpcResult:
    """What a node answered; null (None) where it knows of no such thing."""

    value: object


@dataclass(frozen=True, slots=True)
class RpcError:
    """Why a node did not answer, in its own words."""

    code: int
    message: str
    data: object = None

    def __str__(self) -> str:
        return f"{self.message} (code {self.code})"


RpcAnswer: TypeAlias = RpcResult | RpcError


class MalformedAnswer(Exception):
    """A body is not the response to the batch that was sent; where that was refused, the text is the node's."""


def encode_batch(requests: Sequence[RpcRequest], first_id: int) -> bytes:
    """The body that carries `requests`, numbered from `first_id`."""
    import orjson  # noqa: PLC0415 - native code of the target, where a package is made on another machine

    batch = [
        {"jsonrpc": "2.0", "id": number, "method": request.method, "params": list(request.params)}
        for number, request in enumerate(requests, start=first_id)
    ]
    try:
        return orjson.dumps(batch)
    except TypeError:  # a number beyond 64 bits, or half a surrogate pair
        return json.dumps(batch, separators=(",", ":")).encode()


def decode_batch(body: bytes, first_id: int, size: int) -> list[RpcAnswer]:
    """The answers to a batch of `size`, in the order of its requests. Raises `MalformedAnswer`."""
    try:
        text = body.decode()
        if nests_deeper(text, _LEVELS):
            raise MalformedAnswer(f"the answer nests more than {_LEVELS} levels")
        document = json.loads(text, parse_constant=_refuse_constant)
    except ValueError:
        raise MalformedAnswer("the answer is not JSON") from None
    if isinstance(document, dict) and document.get("error") is not None:
        refusal = _error(document["error"])
        raise MalformedAnswer(f"the batch is refused: {refusal}")
    if not isinstance(document, list):
        raise MalformedAnswer("the answer to a batch is not a list")
    answers: dict[int, RpcAnswer] = {}
    for response in document:
        number, answer = _response(response)
        if not first_id <= number < first_id + size:
            raise MalformedAnswer("an answer belongs to no request")
        if number in answers:
            raise MalformedAnswer("a request is answered twice")
        answers[number] = answer
    if len(answers) < size:
        raise MalformedAnswer(f"{size - len(answers)} of {size} requests are not answered")
    return [answers[number] for number in range(first_id, first_id + size)]


def _response(response: object) -> tuple[int, RpcAnswer]:
    if not isinstance(response, dict) or response.get("jsonrpc") != "2.0":
        raise MalformedAnswer("an answer is not a JSON-RPC 2.0 response")
    number = response.get("id")
    if type(number) is not int:
        raise MalformedAnswer("an answer belongs to no request")
    if response.get("error") is not None:
        return number, _error(response["error"])
    if "result" not in response:
        raise MalformedAnswer("an answer has neither result nor error")
    return number, RpcResult(response["result"])


def _error(error: object) -> RpcError:
    if not isinstance(error, dict):
        raise MalformedAnswer("an error is not an object")
    code, message = error.get("code"), error.get("message")
    if type(code) is not int or not isinstance(message, str):
        raise MalformedAnswer("an error has no code or no message")
    return RpcError(code, message, error.get("data"))


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(constant)
