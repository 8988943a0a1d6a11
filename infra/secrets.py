"""The `Secrets` port: what a deployment is told apart from its template, and the SSM parameters that hold it.

    COLONNADE_PARAMETERS=/colonnade/prod       in the environment
    /colonnade/prod/IDENTITY_SIGNING_KEYS      a SecureString, which completes it

Any variable may be such a parameter, a plugin's too. The environment wins over a parameter of the same name.
Nothing of this is imported where that setting is absent.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Any, Final, NoReturn, Protocol

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)

from colonnade.errors import ColonnadeError, ConfigurationError
from infra import aws

VARIABLE: Final = "COLONNADE_PARAMETERS"
MOST_PAGES: Final = 50
"""Of ten parameters each: a path with more is not what a deployment is told."""

_PATH: Final = re.compile(r"(/[A-Za-z0-9_.-]{1,100}){1,14}")
_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]*")


class SecretsUnavailable(ColonnadeError):
    """What keeps the secrets did not answer, or throttled past the retries; starting again may help."""

    retryable = True


@dataclass(frozen=True, slots=True)
class Parameters:
    """`values`: by variable. `secure`: the names of those that are kept encrypted."""

    values: Mapping[str, str] = field(repr=False)
    secure: frozenset[str] = frozenset()


class Secrets(Protocol):
    """Where a deployment keeps what its template must not hold."""

    def read(self) -> Parameters:
        """All of them. Raises `ConfigurationError`, and `SecretsUnavailable` where asking again may help."""
        ...


@dataclass(frozen=True, slots=True)
class ParameterSettings:
    """`path`: what the parameters are below. The endpoint and the keys are for an engine on this machine.

    Times are in seconds: `connect_timeout` and `read_timeout` bound one request, `deadline` all of them and the
    pauses between them, each random and at most `first_pause` · 2^n: initialisation may take ten in all.
    """

    path: str
    region: str = "us-east-1"
    endpoint_url: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    connect_timeout: float = 1.0
    read_timeout: float = 2.0
    deadline: float = 6.0
    first_pause: float = 0.1
    longest_pause: float = 1.0
    random: Callable[[], float] = field(default=SystemRandom().random, repr=False, compare=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False, compare=False)
    now: Callable[[], float] = field(default=time.monotonic, repr=False, compare=False)

    @property
    def longest_request(self) -> float:
        """Seconds after which one request is given up."""
        return self.connect_timeout + self.read_timeout


class ParameterStore:
    """Parameters of AWS Systems Manager, directly below a path. Opens nothing before it is read."""

    def __init__(self, settings: ParameterSettings) -> None:
        if not _PATH.fullmatch(settings.path):
            raise ConfigurationError(f"{VARIABLE} is a path as in /colonnade/prod, not {settings.path!r}")
        self._settings: Final = settings

    def read(self) -> Parameters:
        """See `Secrets.read`. One round trip for ten parameters; deeper levels of the path are not read."""
        path = self._settings.path
        found: dict[str, str] = {}
        secure: set[str] = set()
        for parameter in self._parameters():
            name = str(parameter["Name"]).removeprefix(f"{path}/")
            found[name] = str(parameter["Value"])
            if parameter.get("Type") == "SecureString":
                secure.add(name)
        if malformed := sorted(name for name in found if not _NAME.fullmatch(name)):
            raise ConfigurationError(
                f"{VARIABLE}: below {path}, {', '.join(malformed)} is no variable: one is written as in "
                "IDENTITY_SIGNING_KEYS. Rename it, or move it elsewhere"
            )
        if not found:
            raise ConfigurationError(
                f"{VARIABLE}: there are no parameters below {path} in {self._settings.region}: put them there "
                "before this starts, or take the setting away"
            )
        return Parameters(found, frozenset(secure))

    def _parameters(self) -> Iterator[Mapping[str, Any]]:
        settings = self._settings
        begun = settings.now()
        ends = begun + settings.deadline
        request = {"Path": settings.path, "WithDecryption": True, "Recursive": False}
        try:
            client = aws.client("ssm", settings)
        except BotoCoreError as error:
            _raise_meaning(error, settings)
        try:
            for number in range(MOST_PAGES):
                if number and settings.now() + settings.longest_request > ends:
                    raise SecretsUnavailable(
                        f"{VARIABLE}: the parameters below {settings.path} come too slowly: {number} pages took "
                        f"{settings.now() - begun:.1f} s"
                    )
                page = self._page(client, request, ends)
                yield from page["Parameters"]
                if not page.get("NextToken"):
                    return
                request["NextToken"] = page["NextToken"]
        finally:
            client.close()
        raise ConfigurationError(f"{VARIABLE}: more than {MOST_PAGES * 10} parameters below {settings.path}")

    def _page(self, client: Any, request: Mapping[str, Any], ends: float) -> Mapping[str, Any]:
        """One page, asked for again while there is time and the fault may pass."""
        settings = self._settings
        longest = settings.first_pause
        while True:
            try:
                page: Mapping[str, Any] = client.get_parameters_by_path(**request)
                if "Parameters" in page:
                    return page
                problem = "an answer that is none"  # botocore reads a body that is no JSON as an empty one
            except (BotoCoreError, ClientError) as error:
                problem = _transient(error) or _raise_meaning(error, settings)
            pause = settings.random() * longest
            if settings.now() + pause + settings.longest_request > ends:
                raise SecretsUnavailable(
                    f"{VARIABLE}: the parameters below {settings.path} cannot be read: {problem}"
                )
            settings.sleep(pause)
            longest = min(settings.longest_pause, 2 * longest)


@dataclass(frozen=True, slots=True)
class Environment:
    """`values`: the environment, completed. `hidden`: what no log may show, whatever its setting says of it.
    `shadowed`: parameters that the environment itself overrides.
    """

    values: Mapping[str, str] = field(repr=False)
    hidden: frozenset[str] = field(default=frozenset(), repr=False)
    shadowed: tuple[str, ...] = ()


def completed(environ: Mapping[str, str], secrets: Secrets | None = None) -> Environment:
    """`environ` with the parameters that it names the path of; itself where it names none.

    `secrets` replaces SSM. Raises what `Secrets.read` does, and `ConfigurationError` for a malformed path.
    """
    path = environ.get(VARIABLE)
    if not path:
        return Environment(environ)
    region = environ.get("COLONNADE_REGION") or environ.get("AWS_REGION") or "us-east-1"
    parameters = (secrets or ParameterStore(ParameterSettings(path, region))).read()
    return Environment(
        {**parameters.values, **environ},
        frozenset(form for name in parameters.secure for form in _forms(parameters.values[name])),
        tuple(sorted(name for name in parameters.values if name in environ)),
    )


def _forms(value: str) -> Iterator[str]:
    """A value, and the entries of one that lists several."""
    yield value
    yield from filter(None, (entry.strip() for entry in value.split(",")))


def _transient(error: BotoCoreError | ClientError) -> str | None:
    """What happened, where it may go otherwise the next time."""
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
        return code or f"status {status}" if status >= 500 or "Throttl" in code else None
    if isinstance(error, NoCredentialsError | PartialCredentialsError | NoRegionError):
        return None
    return type(error).__name__


def _raise_meaning(error: BotoCoreError | ClientError, settings: ParameterSettings) -> NoReturn:
    """Raise what an error means that does not pass. Its message may be shown: it holds no value."""
    if not isinstance(error, ClientError):
        raise ConfigurationError(f"{VARIABLE}: SSM cannot be asked: {error}") from error
    code = str(error.response.get("Error", {}).get("Code", "an error"))
    remedy = {
        "AccessDeniedException": "this role needs ssm:GetParametersByPath on that path, and kms:Decrypt where a key "
        "of your own encrypts them",
        "InvalidKeyId": "the KMS key that encrypts one of them is disabled, deleted or not of this account",
        "ExpiredTokenException": "these credentials have expired",
        "UnrecognizedClientException": "these credentials are not known to AWS",
    }.get(code, "see the error's name in SSM's reference")
    raise ConfigurationError(
        f"{VARIABLE}: SSM refuses the parameters below {settings.path} in {settings.region} ({code}): {remedy}"
    ) from error
