"""To whom a deployment grants permissions of plugins, from its settings to a request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import ModuleType

import pytest

import colonnade_applause
from colonnade import Permission
from colonnade.chains import BASE
from colonnade.composer import Composition, compose
from colonnade.errors import ConfigurationError
from colonnade.evm import parse_address
from colonnade.grants import Grants
from colonnade.permissions import ACCESS, ADMIN, CORE_PERMISSIONS, GRANTEES, Grantee
from colonnade.registry import Registry
from colonnade.settings import load
from colonnade.testing import Harness, KnownTokens, ScriptedChain, ScriptedChains
from colonnade.tokens import Token, TokenMetadata, Tokens
from handlers.http import HttpHandler
from handlers.runtime import Application, build
from plugins.identity.settings import IdentitySettings
from plugins.identity.tokens.access_tokens import AccessClaims, issue
from schema.roots import Query
from tests.composition.building import giving, plugin_module
from tests.handlers.sample import ENVIRON, adapters, event

SETTINGS = load(IdentitySettings, ENVIRON, prefix="identity")
USDC = TokenMetadata(BASE, parse_address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"), "USDC", "USD Coin", 6)
APPLAUD = """mutation($token: Address!) { sendApplause(input: {token: $token, idempotencyKey: "1"}) {
  __typename ... on UserError { code } } }"""
STAGE = plugin_module(
    "stage",
    giving(permissions=[Permission("HECKLE", "Interrupt."), Permission("EJECT", "…", granted_to="admins")]),
)


def composed(*others: ModuleType) -> Composition:
    return Harness(
        "plugins.identity",
        colonnade_applause,
        *others,
        stand_ins=[Token.of(USDC)],
        services={Tokens: KnownTokens(USDC)},
        settings=[SETTINGS],
    ).composition


def started(grants: str, composition: Composition | None = None) -> Application:
    ports = replace(adapters(), chains=ScriptedChains(ScriptedChain()))
    return build({**ENVIRON, "COLONNADE_GRANTS": grants}, composition or composed(), ports)


def granted(application: Application) -> Grants:
    return application.make_context("req_1", None).services.get(Grants)


def applaud(application: Application, *given: Permission) -> str:
    """How the applause of a user ends to whom `given` were given."""
    now = datetime.now(UTC)
    claims = AccessClaims("usr_1", "ses_1", frozenset(p.name for p in given), int(now.timestamp()) + 60)
    headers = {"content-type": "application/json", "authorization": f"Bearer {issue(SETTINGS, claims, now)}"}
    body = {"query": APPLAUD, "variables": {"token": USDC.address}}
    answer = json.loads(HttpHandler(application)(event(body=body, headers=headers))["body"])
    if answer.get("errors"):
        return str(answer["errors"][0]["extensions"]["code"])
    return str(answer["data"]["sendApplause"]["__typename"])


MEMBER, ADMINISTRATOR = (ACCESS,), (ACCESS, ADMIN)


@pytest.mark.parametrize(
    ("grants", "who", "ends"),
    [
        ("", (), "FORBIDDEN"),
        ("", MEMBER, "Applause"),
        ("", ADMINISTRATOR, "Applause"),
        ("APPLAUD=members", (), "FORBIDDEN"),
        ("APPLAUD=members", MEMBER, "Applause"),
        ("APPLAUD=admins", MEMBER, "FORBIDDEN"),
        ("APPLAUD=admins", ADMINISTRATOR, "Applause"),
        ("APPLAUD=nobody", ADMINISTRATOR, "FORBIDDEN"),
    ],
)
def test_a_deployment_chooses_who_holds_a_permission(
    grants: str, who: Sequence[Permission], ends: str
) -> None:
    assert applaud(started(grants), *who) == ends


def test_a_choice_leaves_other_permissions_as_their_plugins_declare_them() -> None:
    grants = granted(started("APPLAUD=nobody , HECKLE=members", composed(STAGE)))
    assert grants.grantees == {"APPLAUD": "nobody", "HECKLE": "members", "EJECT": "admins"}
    assert grants.held_with({"ACCESS"}) == {"ACCESS", "HECKLE"}


def test_a_permission_that_no_plugin_declares_refuses_to_start_and_names_those_there_are() -> None:
    with pytest.raises(ConfigurationError) as refused:
        started("APLAUD=members,SWIM=admins,EJECT=members", composed(STAGE))
    assert str(refused.value) == (
        "COLONNADE_GRANTS: no plugin here declares the permission APLAUD (did you mean APPLAUD?); "
        "no plugin here declares the permission SWIM. "
        "Permissions that plugins declare: APPLAUD, EJECT, HECKLE"
    )


@pytest.mark.parametrize("permission", CORE_PERMISSIONS)
def test_what_signing_in_gives_is_not_granted(permission: Permission) -> None:
    with pytest.raises(
        ConfigurationError, match=f"{permission.name} cannot be granted: the plugin that signs"
    ):
        started(f"{permission.name}=members")


def test_a_plugin_that_is_skipped_does_not_stop_the_start_with_its_permissions() -> None:
    registry = Registry("skip")
    registry.add_modules(["plugins.identity"])
    registry.add("applause", lambda: colonnade_applause, "a test")
    registry.add("stage", broken, "a test")
    application = started("HECKLE=members,APPLAUD=admins", compose(registry, Query))
    assert granted(application).grantees == {"APPLAUD": "admins"}


def broken() -> ModuleType:
    raise RuntimeError("this plugin cannot be imported")


@pytest.mark.parametrize(
    ("grants", "told"),
    [
        ("APPLAUD", "'APPLAUD' is not of the form APPLAUD=members"),
        ("APPLAUD=", "granted to one of nobody, admins, members"),
        ("APPLAUD=everybody", "granted to one of nobody, admins, members"),
        ("APPLAUD=members=admins", "granted to one of nobody, admins, members"),
        ("APPLAUD=members,APPLAUD=admins", "grants APPLAUD twice"),
    ],
)
def test_a_malformed_choice_refuses_to_start(grants: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=f"COLONNADE_GRANTS.*{told}"):
        started(grants)


def test_a_permission_is_nobodys_unless_its_plugin_says_otherwise() -> None:
    grants = Grants.declared([*CORE_PERMISSIONS, Permission("HECKLE", "Interrupt.")])
    assert grants.grantees == {"HECKLE": "nobody"}
    assert grants.held_with({"ACCESS", "ADMIN"}) == {"ACCESS", "ADMIN"}


def test_a_permission_for_somebody_else_is_refused_where_it_is_written() -> None:
    grantee: str = "everybody"
    with pytest.raises(
        ValueError, match="HECKLE: granted_to is one of nobody, admins, members, not 'everybody'"
    ):
        Permission("HECKLE", "Interrupt.", granted_to=grantee)  # type: ignore[arg-type]


@pytest.mark.parametrize("grantee", GRANTEES)
def test_who_was_given_nothing_holds_nothing(grantee: Grantee) -> None:
    grants = Grants.declared([Permission("HECKLE", "Interrupt.")]).changed({"HECKLE": grantee})
    assert grants.held_with(set()) == frozenset()
