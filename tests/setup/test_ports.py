import os
import socket
import sys

import pytest

from infra.local import ports


def test_a_free_port_can_be_bound_and_lies_below_the_ephemeral_range() -> None:
    port = ports.free_port()
    assert 20_000 <= port < 32_000
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))


def test_port_zero_listens_on_any_free_port() -> None:
    with ports.listen(0, "the API") as listener:
        assert ports.answers(listener.getsockname()[1])


def test_a_busy_port_is_reported_with_its_number_and_what_it_was_for() -> None:
    with ports.listen(0, "the API") as listener:
        port = listener.getsockname()[1]
        with pytest.raises(
            ports.PortInUse, match=f"Port {port}, wanted for the API, is in use by"
        ) as refusal:
            ports.listen(port, "the API")
    assert refusal.value.port == port


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who listens")
def test_a_busy_port_is_reported_with_the_name_of_its_holder() -> None:
    with ports.listen(0, "the API") as listener:
        assert f"(pid {os.getpid()})" in str(ports.holder_of(listener.getsockname()[1]))


def test_other_refusals_of_the_system_are_not_mistaken_for_a_busy_port(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ports, "LOOPBACK", "192.0.2.1")
    with pytest.raises(OSError, match=r"Port 0, wanted for the API: .*assign requested address") as refusal:
        ports.listen(0, "the API")
    assert not isinstance(refusal.value, ports.PortInUse)


def test_what_it_accepts_says_that_it_is_tcp() -> None:
    """Else asyncio leaves Nagle's algorithm on, and an answer's body waits 40 ms for a receipt of its headers."""
    with ports.listen(0, "the API") as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP
