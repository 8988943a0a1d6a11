"""The page at /: how what stands behind the API is, where to go from here, and what it is made of.

It is for everybody, so it names states and heights but no address, version or error, unless this is a laptop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from colonnade.indexing.backlog import NEAR
from colonnade.registry import PluginState, PluginStatus
from colonnade.routes import Route
from colonnade.server.endpoint import GRAPHQL
from handlers.development import Holdings
from handlers.health import BEHIND, ChainHealth, Health

SCHEMA: Final = "/schema.graphql"
STYLE: Final = "/start.css"
SCRIPT: Final = "/start.js"
CHAIN_NAMES: Final = {8453: "Base", 10: "OP Mainnet", 84532: "Base Sepolia"}


@dataclass(frozen=True, slots=True)
class Page:
    """What the page is made of. `graphiql`: whether there is one; `accounts` and `rpc`: a laptop's, else nothing."""

    health: Health
    now: datetime
    plugins: Sequence[PluginStatus]
    routes: Sequence[Route] = ()
    graphiql: bool = False
    accounts: Sequence[Holdings] = ()
    rpc: str | None = None


def start_page(page: Page) -> str:
    """The page as HTML. It works without its script, which only renews what has an id."""
    return "".join(_parts(page))


def _parts(page: Page) -> Iterator[str]:
    yield (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Colonnade</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="/favicon.ico">'
        f'<link rel="stylesheet" href="{STYLE}"><script src="{SCRIPT}" defer></script></head><body>'
        '<header><img src="/favicon.ico" alt="" width="40" height="40"><h1>Colonnade</h1>'
        f"<p>One GraphQL API, at <code>POST {GRAPHQL}</code></p></header><main>"
    )
    yield _services(page.health)
    yield _blocks(page)
    yield _links(page)
    if page.accounts:
        yield _accounts(page)
    yield _plugins(page)
    yield "</main></body></html>\n"


def _services(health: Health) -> str:
    rows = [
        _service(
            "Database",
            "ok" if health.database else "down",
            "answers" if health.database else "does not answer",
        )
    ]
    for chain in health.chains:
        name = CHAIN_NAMES.get(chain.chain_id, f"Chain {chain.chain_id}")
        up = chain.head is not None
        rows.append(_service(name, "ok" if up else "down", "answers" if up else "does not answer"))
        state, text = _behind(chain.lag, "block", "keeps up with the chain")
        if chain.worries:
            # Nothing is late where only old rows wait: those cost nothing but their place.
            late = any(one.unsure or one.beyond > NEAR for one in chain.projections)
            state, text = ("behind" if late else state), "; ".join((text, *map(escape, chain.worries)))
        rows.append(_service(f"Index of {name}", state, text))
        rows.append(_service(f"Events of {name}", *_behind(chain.waiting, "event", "are all delivered")))
    for queue in health.queues:
        state, text = _behind(queue.waiting, "message", "are all done")
        if queue.dead:
            state, text = "behind", f"{queue.dead:,} given up"
        rows.append(_service(f"Queue of {queue.name}", state, text))
    return f'<section aria-labelledby="services"><h2 id="services">Services</h2><ul id="health" class="services">{"".join(rows)}</ul></section>'


def _service(name: str, state: str, text: str) -> str:
    said = {"ok": "Working", "behind": "Behind", "down": "Down", "unknown": "Not known"}[state]
    return f'<li class="{state}"><b>{escape(name)}</b> <span>{text}</span> <em>{said}</em></li>'


def _behind(by: int | None, unit: str, fine: str) -> tuple[str, str]:
    if by is None:
        return "unknown", "nothing to tell yet"
    if by < BEHIND:
        return "ok", fine
    return "behind", f"{by:,} {unit}s behind"


def _blocks(page: Page) -> str:
    shown = "".join(_block(chain, page.now) for chain in page.health.chains)
    return f'<section aria-labelledby="block"><h2 id="block">Current block</h2><div id="blocks">{shown or "<p>No chain is configured.</p>"}</div></section>'


def _block(chain: ChainHealth, now: datetime) -> str:
    name = CHAIN_NAMES.get(chain.chain_id, f"Chain {chain.chain_id}")
    if chain.head is None:
        return f"<p>{name} does not answer.</p>"
    at = chain.head.timestamp
    ago = max(0, round((now - at).total_seconds()))
    facts = [
        ("Chain", f"{name} ({chain.chain_id})"),
        (
            "Time",
            f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{at:%Y-%m-%d %H:%M:%S} UTC</time>, {ago:,} s ago',
        ),
        ("Finality", chain.head.finality.name.lower()),
        ("Safe", f"up to {chain.safe:,}" if chain.safe is not None else "not known"),
        ("Finalized", f"up to {chain.finalized:,}" if chain.finalized is not None else "not known"),
        ("Indexed", f"up to {chain.indexed:,}" if chain.indexed is not None else "nothing yet"),
    ]
    listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    return f'<p class="height">{chain.head.number:,}</p><dl>{listed}</dl>'


def _links(page: Page) -> str:
    links = [("/health", "whether this answers at all")]
    if page.graphiql:
        signed_in = ", signed in as development account 0" if page.accounts else ""
        links.insert(0, (GRAPHQL, f"GraphiQL, with queries to begin with{signed_in}"))
        links.insert(1, (SCHEMA, "the schema, with a description of everything in it"))
    links += [(route.path, escape(route.description)) for route in page.routes if route.method == "GET"]
    listed = "".join(f'<li><a href="{to}">{to}</a>: {what}</li>' for to, what in links)
    if page.accounts:
        listed += "<li><code>docs/</code> in the checkout: how to sign users in, add a plugin, and run it yourself</li>"
    return f'<section aria-labelledby="links"><h2 id="links">Where to go</h2><ul class="links">{listed}</ul></section>'


def _accounts(page: Page) -> str:
    rows = "".join(map(_account, range(len(page.accounts)), page.accounts))
    return (
        '<section class="wide" aria-labelledby="accounts"><h2 id="accounts">Development accounts</h2>'
        f"<p>Of the mnemonic <q>test test … junk</q>, on <code>{escape(page.rpc or '')}</code>. The whole world has "
        "their keys: <strong>never send them anything of value.</strong></p>"
        f'<div class="scroll" tabindex="0" role="region" aria-labelledby="accounts"><table id="held"><thead><tr>'
        f'<th scope="col">Index</th><th scope="col">Address</th><th scope="col">Holds</th></tr></thead><tbody>{rows}</tbody></table></div></section>'
    )


def _account(number: int, held: Holdings) -> str:
    some = [(symbol, _short(amount)) for symbol, amount in held.amounts if amount.strip("0.")]
    amounts = "".join(f"<span>{amount} {escape(symbol)}</span> " for symbol, amount in some)
    return f'<tr><td>{number}</td><td><code>{held.address}</code></td><td class="amounts">{amounts or "nothing that is known"}</td></tr>'


def _short(amount: str) -> str:
    whole, _, fraction = amount.partition(".")
    cents = fraction[:2].rstrip("0")
    return f"{int(whole):,}" + (f".{cents}" if cents else "")


def _plugins(page: Page) -> str:
    local = bool(page.accounts)
    rows = "".join(_plugin(plugin, local=local) for plugin in page.plugins)
    version = '<th scope="col">Version</th>' if local else ""
    return (
        '<section class="wide" aria-labelledby="plugins"><h2 id="plugins">Plugins</h2><div class="scroll"><table><thead><tr>'
        f'<th scope="col">Plugin</th>{version}<th scope="col">Status</th></tr></thead><tbody>{rows}</tbody></table></div></section>'
    )


def _plugin(plugin: PluginStatus, *, local: bool) -> str:
    active = plugin.state is PluginState.ACTIVE
    reason = f": {escape(plugin.reason or '')}" if local and not active else ""
    version = f"<td>{escape(plugin.version)}</td>" if local else ""
    state = f'<td class="{"ok" if active else "down"}">{"active" if active else f"skipped{reason}"}</td>'
    return f"<tr><td>{escape(plugin.name)}</td>{version}{state}</tr>"
