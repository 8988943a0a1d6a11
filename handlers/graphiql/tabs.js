import followAction from './queries/follow-action.graphql';
import me from './queries/me.graphql';
import platform from './queries/platform.graphql';
import prepareSwap from './queries/prepare-swap.graphql';
import price from './queries/price.graphql';
import swaps from './queries/swaps.graphql';
import tokenPrices from './queries/token-prices.graphql';

const FOLLOWED = 'colonnade:followed';
const TABS = 'graphiql:tabState';

const tab = (query, variables) => ({ query, variables: variables && JSON.stringify(variables, null, 2) });

/** The queries to begin with. `session`: a laptop's, whose account and action they can be about. */
export function firstTabs(session) {
  if (!session) return [tab(price), tab(tokenPrices), tab(platform)];
  const { account, actionId } = session;
  return [
    tab(price),
    tab(prepareSwap, { account, idempotencyKey: crypto.randomUUID() }),
    ...(actionId ? [tab(followAction, { id: actionId })] : []),
    tab(swaps, { account }),
    tab(tokenPrices),
    tab(me, { account }),
    tab(platform),
  ];
}

/** Tabs that the browser kept follow the action that awaits its user now, not the one that did when they were made. */
export function followNow(session, storage = localStorage) {
  if (!session?.actionId) return;
  const [before, kept] = [storage.getItem(FOLLOWED), storage.getItem(TABS)];
  if (before && kept) storage.setItem(TABS, kept.replaceAll(before, session.actionId));
  storage.setItem(FOLLOWED, session.actionId);
}
