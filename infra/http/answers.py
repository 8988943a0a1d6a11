"""An answer of HTTP/1.1 (RFC 9112), read as strictly as one reads a stranger's."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Final

from colonnade.errors import OutboundUnreachable
from colonnade.outbound import OutboundResponse
from infra.http.stream import Stream

MAX_HEAD: Final = 32 * 1024
"""Bytes of the status line and all headers, also those of interim answers and after the last chunk."""

_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\x00-\x08\x0a-\x1f\x7f]*)?")
_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]*")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?")
_LONGEST_CHUNK_LINE: Final = 256
_BODILESS: Final = frozenset({204, 205, 304})
_WINDOW: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def read_answer(stream: Stream, method: str, max_bytes: int) -> OutboundResponse:
    """The final answer to a request of `method`. Raises `OutboundUnreachable` for one too large, or not of HTTP."""
    left = MAX_HEAD
    status = 100
    headers: dict[str, str] = {}
    while status < 200:
        status, headers, left = _head(stream, left)
    if method == "HEAD" or status in _BODILESS:
        return OutboundResponse(status, headers)
    return OutboundResponse(status, headers, _unpacked(_body(stream, headers, max_bytes), headers, max_bytes))


def _head(stream: Stream, left: int) -> tuple[int, dict[str, str], int]:
    first = stream.line(left)
    found = _STATUS.fullmatch(first)
    if found is None:
        raise _malformed("its status line")
    headers, left = _headers(stream, left - len(first) - 1)
    return int(found[1]), headers, left


def _headers(stream: Stream, left: int) -> tuple[dict[str, str], int]:
    headers: dict[str, str] = {}
    while line := stream.line(left):
        left = max(0, left - len(line) - 1)
        name, colon, value = line.partition(b":")
        if not colon or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise _malformed("a header")
        key, text = name.decode().lower(), value.strip(b" \t").decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers, left


def _body(stream: Stream, headers: Mapping[str, str], most: int) -> bytes:
    length, coding = headers.get("content-length"), headers.get("transfer-encoding")
    if coding is not None:
        if coding.lower() != "chunked" or length is not None:
            raise _malformed("its transfer coding")
        return _chunks(stream, most)
    if length is None:
        return stream.rest(most)
    if not (length.isascii() and length.isdigit() and len(length) <= 18):
        raise _malformed("its length")
    if int(length) > most:
        raise _too_large(most)
    return stream.exactly(int(length))


def _chunks(stream: Stream, most: int) -> bytes:
    body = bytearray()
    while True:
        size = _CHUNK.fullmatch(stream.line(_LONGEST_CHUNK_LINE))
        if size is None:
            raise _malformed("a chunk")
        length = int(size[1], 16)
        if length == 0:
            _headers(stream, MAX_HEAD)
            return bytes(body)
        if len(body) + length > most:
            raise _too_large(most)
        body += stream.exactly(length)
        if stream.line(_LONGEST_CHUNK_LINE):
            raise _malformed("a chunk")


def _unpacked(body: bytes, headers: Mapping[str, str], most: int) -> bytes:
    coding = headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity") or not body:
        return body
    if coding not in _WINDOW:
        raise _malformed("its content coding, which was not asked for")
    unpacking = zlib.decompressobj(_WINDOW[coding])
    try:
        plain = unpacking.decompress(body, most + 1)
    except zlib.error as error:
        raise _malformed("its packed body") from error
    if len(plain) > most:
        raise _too_large(most)
    if not unpacking.eof or unpacking.unused_data:
        raise _malformed("its packed body")
    return plain


def _malformed(what: str) -> OutboundUnreachable:
    return OutboundUnreachable(f"the answer is malformed: {what}", cause="protocol")


def _too_large(most: int) -> OutboundUnreachable:
    return OutboundUnreachable(f"the answer is longer than {most} bytes", cause="size")
