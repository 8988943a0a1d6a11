import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { createRoot } from 'react-dom/client';
import { currentSession, signed } from './session.js';
import { firstTabs, followNow } from './tabs.js';
import 'graphiql/style.css';

const WORKERS = { json: 'json', graphql: 'graphql' };

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) =>
    new Worker(new URL(`./${WORKERS[label] ?? 'editor'}.worker.js`, import.meta.url), { type: 'module' }),
};

// A link may bring a query behind the #, where it is never sent to a server.
const linked = new URLSearchParams(location.hash.slice(1)).get('query') ?? undefined;

// Subscriptions go over a socket to the same address, unless the page names another. It is opened for the first and
// closed with the last of them, and introduces itself with the headers of the editor, which no browser sends with an
// upgrade. Opened again, it does so with a token that is good by then.
let headers = {};
const wsClient = createClient({
  url: document.documentElement.dataset.sockets ?? `${location.origin.replace(/^http/, 'ws')}${location.pathname}`,
  connectionParams: () => signed(headers),
  keepAlive: 240_000, // the gateway hangs up after ten minutes of silence
});
const fetcher = createGraphiQLFetcher({ url: location.pathname, wsClient });
const fetchSigned = async (operation, options) => {
  headers = options?.headers ?? {};
  return fetcher(operation, { ...options, headers: await signed(headers) });
};

const session = await currentSession({ until: (borrowed) => borrowed?.actionId });
followNow(session);
const tabs = firstTabs(session);

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={fetchSigned}
    defaultQuery={tabs[0].query}
    defaultTabs={linked ? [{ query: linked }, ...tabs] : tabs}
    initialQuery={linked}
    defaultEditorToolsVisibility="variables"
  >
    {session && (
      <GraphiQL.Logo>
        <span title={session.account}>
          Signed in as {session.account.slice(0, 6)}…{session.account.slice(-4)}
        </span>
      </GraphiQL.Logo>
    )}
  </GraphiQL>,
);
