"""How a command acts on a deployment: `colonnade jobs`, `colonnade operations` and others.

Never deployed: it runs where somebody operates a deployment from outside, with credentials of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from colonnade.errors import ConfigurationError
from colonnade.operating import Deployment
from colonnade.scanning import Scanner
from handlers import runtime
from infra.dynamodb import DynamoDBStore
from infra.queues.redriving import redrive
from infra.redaction import Redactor
from infra.secrets import VARIABLE as PARAMETERS
from infra.secrets import completed


def deployment(environ: Mapping[str, str]) -> Deployment:
    """The deployment that `environ` describes; asks only for the parameters that complete it.

    Raises `ConfigurationError` and `PluginError`.
    """
    hidden: frozenset[str] = frozenset()
    if environ.get(PARAMETERS):
        whole = completed(environ)
        environ, hidden = whole.values, whole.hidden
    application = runtime.build(environ)
    return Deployment(
        application.composition,
        application.jobs,
        application.adapters.queues,
        application.make_context,
        redrive,
        Redactor(hidden | application.secrets).value,
        lambda: scanner_of(application),
    )


def scanner_of(application: runtime.Application) -> Scanner:
    """What walks the table of an application. Raises `ConfigurationError` where that is not DynamoDB's."""
    store = application.adapters.store
    if not isinstance(store, DynamoDBStore):
        raise ConfigurationError("the store of this deployment cannot be scanned: it is not DynamoDB")
    return store.scanner()
