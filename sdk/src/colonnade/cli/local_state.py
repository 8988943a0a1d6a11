"""What the running `make dev` and the development wallet leave for one another: `.colonnade` in the checkout."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from colonnade.development import Session
    from colonnade.evm import Address

FOLDER: Final = ".colonnade"
RUNNING: Final = "running.json"
SESSION: Final = "session.json"
ENVIRONMENT: Final = "environment.json"


@dataclass(frozen=True, slots=True)
class LocalState:
    """The files in `folder`. What cannot be read is taken for missing: they only spare typing and asking."""

    folder: Path

    def running(self, name: str) -> str | None:
        """An address of the running stack, `api` or `rpc`."""
        found = self._read(RUNNING).get(name)
        return found if isinstance(found, str) else None

    def say_running(self, *, api: str, rpc: str, environment: Mapping[str, str] | None = None) -> None:
        """Note where the stack runs and, for `colonnade doctor`, with which variables."""
        self._write(ENVIRONMENT, dict(environment or {}))
        self._write(RUNNING, {"api": api, "rpc": rpc})

    def say_stopped(self) -> None:
        """Forget where it ran."""
        for name in (RUNNING, ENVIRONMENT):
            (self.folder / name).unlink(missing_ok=True)

    def session(self, account: Address, origin: str) -> Session | None:
        """The session that `account` was given at the API of this origin, if it is kept."""
        from colonnade.development import Session  # noqa: PLC0415 - only the wallet needs it

        kept = self._read(SESSION)
        if kept.get("account") != account or kept.get("origin") != origin:
            return None
        try:
            expires_at = datetime.fromisoformat(kept["expiresAt"])
            return Session(account, kept["sessionId"], expires_at, kept["accessToken"], kept["refreshToken"])
        except (KeyError, TypeError, ValueError):
            return None

    def keep_session(self, session: Session, origin: str) -> None:
        """Keep the session where nobody but this user can read it."""
        kept = {
            "origin": origin,
            "account": session.account,
            "sessionId": session.session_id,
            "expiresAt": session.expires_at.isoformat(),
            "accessToken": session.access_token,
            "refreshToken": session.refresh_token,
        }
        self._write(SESSION, kept)

    def _read(self, name: str) -> Mapping[str, Any]:
        try:
            found = json.loads((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        """Another file of this user's alone takes the name's place, so that whoever reads finds all or nothing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / f"{name}.{os.getpid()}"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(content, file, indent=2)
        fresh.replace(self.folder / name)


def local_state(start: Path) -> LocalState:
    """That of `COLONNADE_STATE`, else of the nearest folder from `start` upwards that has one, else of `start`."""
    if given := os.environ.get("COLONNADE_STATE"):
        return LocalState(Path(given).resolve())
    found = (folder / FOLDER for folder in (start, *start.parents) if (folder / FOLDER).is_dir())
    return LocalState(next(found, start / FOLDER))
