"""GraphQL over HTTP: one `execute(Request) -> Response`, whatever brought the request."""

from colonnade.server.execution import Server

__all__ = ["Server"]
