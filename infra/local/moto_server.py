"""moto as a DynamoDB endpoint of our own: open source and in memory, where DynamoDB Local is not wanted or can't be
had.
"""

import threading
from typing import TYPE_CHECKING, Self

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from infra.local import ports
from infra.local.stopping import Stopping

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

# moto keeps its tables in this process, whatever the number of servers.
_ONE_REQUEST_AT_A_TIME = threading.Lock()


class MotoServer(Stopping):
    """A running moto at `endpoint`; it ends with `stop` or with the `with` block.

    All servers of one process show the same tables: tell tests apart by the names of their tables.
    """

    def __init__(self, server: BaseWSGIServer, thread: threading.Thread) -> None:
        self._server = server
        self._thread = thread
        self.endpoint = f"http://{ports.LOOPBACK}:{server.port}"

    @classmethod
    def start(cls) -> Self:
        """Serves moto on a free port, from a thread of this process."""
        server = make_server(ports.LOOPBACK, 0, _Serialized(), threaded=True, request_handler=_QuietHandler)
        thread = threading.Thread(target=server.serve_forever, name="moto", daemon=True)
        thread.start()
        return cls(server, thread)

    def stop(self) -> None:
        """Closes the endpoint."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Serialized:
    """moto's application, one request at a time: without the lock, concurrent transactions lose writes."""

    def __init__(self) -> None:
        self._application = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        with _ONE_REQUEST_AT_A_TIME:
            return list(self._application(environ, start_response))


class _QuietHandler(MotoRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections open, as DynamoDB does
    disable_nagle_algorithm = True  # or each answer waits 40 ms for an acknowledgement

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: a line for each request would drown everything else."""
