"""Whether messages can be sent to open WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

from colonnade.diagnosis import Finding, fine, problem, warning
from colonnade.errors import ConfigurationError, ConnectionFault, ConnectionGone
from infra.connections import GatewayConnections, connections_at
from infra.settings import DeploymentSettings

_ABOUT: Final = "COLONNADE_WEBSOCKET_ENDPOINT"
_NOBODY: Final = "bm9ib2R5="  # an id as the gateway gives them, and which nobody has


def examine_gateway(settings: DeploymentSettings) -> Iterator[Finding]:
    """Whether the gateway says that somebody who never connected is gone."""
    connections = connections_at(settings.websocket_endpoint, settings.region)
    if not isinstance(connections, GatewayConnections):
        yield warning(
            _ABOUT, "is not set, so nothing can be followed", "name the WebSocket API and its stage"
        )
        return
    try:
        asyncio.run(connections.post(_NOBODY, "{}"))
    except ConnectionGone:
        yield fine(_ABOUT, f"answers; clients open {settings.sockets_url() or 'it where GraphQL is'}")
    except ConfigurationError as error:
        yield problem(_ABOUT, f"is refused: {error}", "correct it, or sign in as somebody who may send")
    except ConnectionFault as error:
        yield problem(_ABOUT, f"gives no usable answer: {error}", "correct it, or check the network")
    else:
        yield problem(_ABOUT, "takes messages to nobody, so it is no gateway", "correct it")
    finally:
        connections.shut_down()
