"""Servers of strangers on this machine: they have certificates, and answer as a test has them answer."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from colonnade.errors import OutboundUnreachable
from colonnade.outbound import OutboundRequest, OutboundResponse
from infra.http.adapter import SocketHttp
from infra.http.asking import Asking

URL = "https://hook.example/path?x=1"

PUBLIC = "93.184.215.14"
"""What a name of a stranger resolves to unless a test says otherwise."""

Behave: TypeAlias = Callable[[socket.socket, bytes], None]
"""What a server does after it has read the head of a request, and as much of the body as came with it."""


def saying(answer: bytes) -> Behave:
    return lambda connection, _: connection.sendall(answer)


def ok(body: bytes = b"", headers: str = "", status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{headers}\r\n".encode() + body


@dataclass
class Stranger:
    """A running server. `heads`: what was asked of it; `names`: what clients called it in TLS."""

    port: int
    heads: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)


@contextmanager
def stranger(behave: Behave, *, name: str = "hook.example", tls: bool = True) -> Iterator[Stranger]:
    """A server that does `behave` with each connection, with a certificate for `name`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Stranger(listening.getsockname()[1])
        context = _server_context(name) if tls else None
        if context is not None:
            context.sni_callback = lambda _, called, __: server.names.append(called)
        open_: list[socket.socket] = []
        accepting = threading.Thread(target=_accept, args=(listening, server, context, behave, open_))
        accepting.start()
        try:
            yield server
        finally:
            for each in (listening, *open_):
                with suppress(OSError):
                    socket.socket.shutdown(each, socket.SHUT_RDWR)
            accepting.join()


def _accept(
    listening: socket.socket,
    server: Stranger,
    context: ssl.SSLContext | None,
    behave: Behave,
    open_: list[socket.socket],
) -> None:
    """Serve one connection after another until `listening` is shut down."""
    while True:
        try:
            raw, _ = listening.accept()
        except OSError:
            return
        open_.append(raw)
        with raw, suppress(OSError):
            connection = context.wrap_socket(raw, server_side=True) if context else raw
            open_[-1] = connection
            with connection:
                head = b""
                while b"\r\n\r\n" not in head and (more := connection.recv(65_536)):
                    head += more
                server.heads.append(head)
                behave(connection, head)


def asking(
    servers: Mapping[str, Stranger], addresses: Mapping[str, str] | None = None, *, loopback: bool = False
) -> Asking:
    """Asks these servers by their names: each has a public address, behind which is its port on this machine.

    What is resolved and checked is the public address; only the very last step, the connection, is led here.
    """
    numbers = {name: f"93.184.215.{number}" for number, name in enumerate(servers, 14)} | dict(
        addresses or {}
    )
    ports = {numbers[name]: server.port for name, server in servers.items()}

    def resolve(host: str, port: int) -> list[str]:
        if host not in numbers:
            raise socket.gaierror("no such name")
        return numbers[host].split()

    def dial(address: str, port: int, seconds: float) -> socket.socket:
        return socket.create_connection(("127.0.0.1", ports[address]), seconds)

    return Asking(loopback=loopback, tls=_client_context(), resolve=resolve, dial=dial)


@cache
def _authority() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority for tests")])
    return _certificate(name, name, key, key, x509.BasicConstraints(ca=True, path_length=None)), key


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    built = built.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
    return built.add_extension(extension, critical=True).sign(signer, hashes.SHA256())


@cache
def _client_context() -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=_authority()[0].public_bytes(Encoding.PEM).decode())
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


@cache
def _pem(name: str) -> bytes:
    authority, signer = _authority()
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    certificate = _certificate(subject, authority.subject, key, signer, names)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


def _server_context(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "certificate.pem"
        path.write_bytes(_pem(name))
        context.load_cert_chain(path)
    return context


def ask(how: Asking, request: OutboundRequest) -> OutboundResponse:
    http = SocketHttp(how, threads=2)
    try:
        return asyncio.run(http.send(request))
    finally:
        http.shut_down()


def failure(behave: Behave, **parts: object) -> OutboundUnreachable:
    request = replace(OutboundRequest("GET", URL), **parts)  # type: ignore[arg-type]
    with stranger(behave) as server, pytest.raises(OutboundUnreachable) as caught:
        ask(asking({"hook.example": server}), request)
    return caught.value
