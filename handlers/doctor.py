"""`colonnade doctor` for this application: its settings and its plugins', and whether what they name answers.

Never deployed: it runs where somebody looks at a deployment from outside, with credentials of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from colonnade.clock import SystemClock
from colonnade.composer import Composition
from colonnade.diagnosis import Declared, Finding, examine_settings, fine, problem, warning
from colonnade.errors import ColonnadeError, ConfigurationError, ConflictError
from colonnade.grants import Grants
from colonnade.health import Status
from colonnade.indexing.backlog import Backlog, backlogs
from colonnade.limits import Limits
from colonnade.lock import Lock
from colonnade.migrating.running import pending_of
from colonnade.registry import PluginState
from colonnade.server.persisted import trusted_documents
from colonnade.settings import MISSING, variable
from handlers import runtime
from handlers.app import ASSETS, ROOT
from handlers.deep_health import DeepHealth
from infra.doctor import examine_surroundings
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.redaction import Redactor
from infra.secrets import VARIABLE as PARAMETERS
from infra.secrets import completed
from infra.settings import PREFIX, DeploymentSettings, deployment_settings
from schema.compose import application as compose_application

LOCAL: Final = frozenset({"PORT", "DYNAMODB", "COLONNADE_STATE"})
"""Variables of `make dev`."""

STAND_INS: Final[Mapping[str, str]] = {
    "COLONNADE_CURSOR_KEY": "0" * 32,
    "IDENTITY_SIGNING_KEYS": f"nobody:private:{'A' * 43}",
}
"""In the place of what is missing or unusable, so that the rest can be looked at all the same."""

_ELSEWHERE: Final = (
    "say where they are: --env-file FILE, or --parameters PATH; a running `make dev` has them in "
    ".colonnade/environment.json"
)

_HEALTH: Final = "docs/observability.md says what each check looks at"


def examine(environ: Mapping[str, str], *, offline: bool) -> Iterator[Finding]:
    """Everything that was found; `offline`: without asking anybody."""
    environ, hidden, found = _completed(environ, offline=offline)
    yield from found
    try:
        composition = compose_application("skip")
    except ConflictError as error:
        for contradiction in error.problems:
            yield problem("plugins", contradiction, "`colonnade check` says more")
        return
    yield from _plugins(composition)
    declared: list[Declared] = [
        (PREFIX, DeploymentSettings),
        (PREFIX, Limits),
        *composition.settings.items(),
    ]
    if not environ.get(PARAMETERS) and not any(_belongs(name, declared) for name in environ):
        yield warning("the environment", "holds no variable of this application", _ELSEWHERE)
    shown = Redactor(hidden)
    found = [
        replace(finding, text=shown.known(finding.text))
        for finding in examine_settings(declared, environ, others=LOCAL, stand_ins=STAND_INS)
    ]
    if offline and environ.get(PARAMETERS):
        found = [_perhaps_there(finding) for finding in found]
    yield from found
    wrong = {finding.about for finding in found if finding.severity == "problem"}
    sound = {name: value for name, value in environ.items() if name not in wrong}
    usable = {**{n: v for n, v in STAND_INS.items() if n not in sound}, **sound}
    try:
        settings = deployment_settings(usable)
    except ConfigurationError:
        return  # which has been said
    yield from _grants(settings, composition)
    yield from _files(settings)
    if not offline:
        yield from examine_surroundings(settings)
        yield from _migrations(settings, composition)
        yield from _health(usable, composition, hidden)


def _completed(
    environ: Mapping[str, str], *, offline: bool
) -> tuple[Mapping[str, str], frozenset[str], Sequence[Finding]]:
    """The environment with its parameters, what of it is kept encrypted, and what was found while they were read."""
    nothing: frozenset[str] = frozenset()
    path = environ.get(PARAMETERS)
    if not path:
        return environ, nothing, []
    if offline:
        return (
            environ,
            nothing,
            [warning(PARAMETERS, "was not read, so what is missing may be there", "leave --offline out")],
        )
    try:
        whole = completed(environ)
    except ColonnadeError as error:
        text = str(error).removeprefix(f"{PARAMETERS}: ")
        return environ, nothing, [problem(PARAMETERS, text, "nothing starts without them")]
    found = [fine(PARAMETERS, f"{len(whole.values.keys() - environ.keys())} variables come from {path}")]
    found += [
        warning(name, f"is a parameter below {path} too, which does not count", "keep one of the two")
        for name in whole.shadowed
    ]
    return whole.values, whole.hidden, found


def _belongs(name: str, declared: Sequence[Declared]) -> bool:
    return name not in LOCAL and name.startswith(tuple(variable(prefix, "") for prefix, _ in declared))


def _perhaps_there(finding: Finding) -> Finding:
    """What is missing from an environment whose parameters were not read is no problem yet."""
    return replace(finding, severity="warning") if finding.text == MISSING else finding


def _plugins(composition: Composition) -> Iterator[Finding]:
    for status in composition.statuses:
        if status.state is PluginState.SKIPPED:
            yield problem(
                f"plugin {status.name}", f"cannot be loaded: {status.reason}", "`colonnade check` says more"
            )
        else:
            yield fine(f"plugin {status.name}", f"{status.version} is loaded")
    lock = ROOT / "plugins.lock.json"
    try:
        differences = list(Lock.parse(lock.read_text(encoding="utf-8")).differences(Lock.of(composition)))
    except (OSError, ConfigurationError) as error:
        differences = [str(error)]
    for difference in differences:
        yield warning(
            lock.name, difference, "if this is meant, run `colonnade lock` and commit what it writes"
        )


def _grants(settings: DeploymentSettings, composition: Composition) -> Iterator[Finding]:
    try:
        Grants.declared(p for _, p in composition.permissions).changed(settings.grantees())
    except ConfigurationError as error:
        yield problem("COLONNADE_GRANTS", str(error), "correct it")


def _migrations(settings: DeploymentSettings, composition: Composition) -> Iterator[Finding]:
    """What `colonnade migrate` has to do, and the index; nothing where the table does not answer, which has been said."""
    if settings.dynamodb_endpoint:
        table = DynamoDBSettings.local(settings.dynamodb_endpoint, settings.table)
    else:
        table = DynamoDBSettings(settings.table, region=settings.region)
    store = DynamoDBStore(table, SystemClock())
    projections = [projection for _, projection in composition.chain_logs]
    try:
        left = asyncio.run(pending_of(store, composition.migrations))
        told = [asyncio.run(backlogs(store, c, projections, None)) for c in settings.endpoints()]
    except ColonnadeError:
        return
    finally:
        store.close()
    for plugin, migration in left:
        yield warning(f"migration {migration.name}", f"of {plugin} is pending", "run `colonnade migrate`")
    if not left:
        yield fine("migrations", f"{len(composition.migrations)} are done")
    yield from index_findings([one for of_chain in told for one in of_chain])


def _health(
    environ: Mapping[str, str], composition: Composition, hidden: frozenset[str]
) -> Iterator[Finding]:
    """How what the application stands on is, with the notes that `/health/deep` does not show."""
    try:
        application = runtime.build(environ, composition)
    except ColonnadeError:
        return  # which has been said
    shown = Redactor(hidden | application.secrets)
    try:
        checks = asyncio.run(DeepHealth(application).asked()).checks
    finally:
        application.adapters.close()
    for name, found in checks.items():
        about, note = f"health of {name}", shown.text(found.note)
        if found.status is Status.OK:
            yield fine(about, "is well")
        elif found.status is Status.DEGRADED:
            yield warning(about, f"degraded: {note}", _HEALTH)
        else:
            yield problem(about, f"down: {note}", _HEALTH)


def index_findings(told: Sequence[Backlog]) -> Iterator[Finding]:
    """What waits for an operator in the index: rows to rebuild, to mend, or to sweep."""
    for one in told:
        about, name = f"index of {one.projection}", one.projection
        if one.unsure:
            yield problem(about, "may have rows of another chain", f"run `colonnade index rebuild {name}`")
        if one.mending:
            yield warning(
                about,
                "has blocks that are half written or half taken back",
                "the watcher ends that; if this stays, see its log",
            )
        if one.retired:
            count = f"{len(one.retired)} older generation{'s' if len(one.retired) > 1 else ''}"
            yield warning(about, f"keeps the rows of {count}", f"run `colonnade index sweep {name}`")
    if told and not any(one.unsure or one.mending or one.retired for one in told):
        yield fine("index", "no old rows wait to be mended or swept")


def _files(settings: DeploymentSettings) -> Iterator[Finding]:
    if settings.trusted_documents:
        try:
            documents = trusted_documents(Path(settings.trusted_documents))
        except ConfigurationError as error:
            yield problem("COLONNADE_TRUSTED_DOCUMENTS", str(error), "correct it")
        else:
            yield fine("COLONNADE_TRUSTED_DOCUMENTS", f"names {len(documents)} documents")
    if settings.graphiql and not (ASSETS / "index.html").is_file():
        yield problem("COLONNADE_GRAPHIQL", "is on, and GraphiQL is not built", "run `make setup`")
