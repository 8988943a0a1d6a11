"""`colonnade wallet`: a development account signs in, and signs and sends what an action asks for, on this machine."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from colonnade.cli.local_state import SESSION, LocalState, local_state
from colonnade.cli.output import say
from colonnade.errors import ConfigurationError

if TYPE_CHECKING:
    from colonnade.development import DevelopmentAccount, DevelopmentNode, LocalApi, Session

SUMMARY: Final = "Sign in and sign actions as a development account, on this machine only"

LABEL: Final = "colonnade wallet"
_LEFT: Final = timedelta(minutes=2)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    verbs = parser.add_subparsers(title="what to do", metavar="sign-in|sign", required=True)
    enter = verbs.add_parser("sign-in", help="begin a session, and show its access token")
    enter.add_argument("--token", action="store_true", help="print the access token and nothing else")
    enter.set_defaults(verb=_sign_in)
    sign = verbs.add_parser("sign", help="sign and send every step of an action, until it is confirmed")
    sign.add_argument("action", metavar="ACTION", help="the id that a mutation such as prepareSwap gave")
    sign.add_argument("--final", action="store_true", help="wait on until the chain cannot take it back")
    sign.set_defaults(verb=_sign)
    for verb in (enter, sign):
        verb.add_argument(
            "--account",
            type=int,
            default=0,
            metavar="N",
            help="the development account, by its place in the mnemonic (default: 0)",
        )
        verb.add_argument("--api", metavar="URL", help="the API (default: that of the running `make dev`)")
        verb.add_argument("--rpc", metavar="URL", help="its chain (default: that of the running `make dev`)")


def run(chosen: argparse.Namespace) -> int:
    """Do it; 1 where it was refused or failed."""
    from colonnade.development import DevelopmentNode, LocalApi, development_account  # noqa: PLC0415 - 30 ms
    from colonnade.development.loopback import loopback  # noqa: PLC0415

    state = local_state(Path.cwd())
    account = development_account(chosen.account)
    # Both are looked at before anything is asked of either.
    api = LocalApi.at(_given(chosen.api, state, "api"))
    endpoint = loopback(_given(chosen.rpc, state, "rpc"), "--rpc")
    node = DevelopmentNode(endpoint)
    status: int = chosen.verb(chosen, state, account, api, node)
    return status


def _given(url: str | None, state: LocalState, name: str) -> str:
    found = url or state.running(name)
    if found is None:
        raise ConfigurationError(
            f"there is no {state.folder / 'running.json'}: run `make dev`, or say where it is with --{name} URL"
        )
    return found


def _sign_in(
    chosen: argparse.Namespace,
    state: LocalState,
    account: DevelopmentAccount,
    api: LocalApi,
    node: DevelopmentNode,
) -> int:
    from colonnade.development import sign_in  # noqa: PLC0415

    session = sign_in(api, account, LABEL, node.chain_id)
    state.keep_session(session, api.endpoint.origin)
    if chosen.token:
        say(session.access_token)
        return 0
    say(f"Signed in as development account {account.index}, {account.address}.")
    say(f"The session is kept in {state.folder / SESSION}; `colonnade wallet sign ACTION` uses it.")
    say(f"Good until {session.expires_at:%H:%M:%S} UTC; among GraphiQL's headers, or with curl -H, paste:")
    say()
    say(f'  {{"authorization": "Bearer {session.access_token}"}}')
    return 0


def _sign(
    chosen: argparse.Namespace,
    state: LocalState,
    account: DevelopmentAccount,
    api: LocalApi,
    node: DevelopmentNode,
) -> int:
    from colonnade.development import carry_out  # noqa: PLC0415
    from colonnade.development.carrying_out import ENDED, read_action  # noqa: PLC0415

    acting = api.acting(_session(state, account, api, node).access_token)
    until = frozenset({"FINALIZED"}) if chosen.final else frozenset({"CONFIRMED"})
    action = carry_out(acting, node, read_action(acting, chosen.action), say, until)
    if (failure := action["failure"]) is not None:
        say(f"  {failure['message']}")
    return int(action["status"] in ENDED - {"FINALIZED"})


def _session(state: LocalState, account: DevelopmentAccount, api: LocalApi, node: DevelopmentNode) -> Session:
    """The session that is kept, or a new one where it is another's or its time is nearly over."""
    from colonnade.development import sign_in  # noqa: PLC0415

    kept = state.session(account.address, api.endpoint.origin)
    if kept is not None and kept.is_good_at(datetime.now(UTC), for_another=_LEFT):
        return kept
    session = sign_in(api, account, LABEL, node.chain_id)
    state.keep_session(session, api.endpoint.origin)
    return session
