import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';

const WORKERS = { json: 'json', graphql: 'graphql' };
const DEFAULT_QUERY = `# Ctrl-Space completes, Ctrl-Enter runs, and the book on the left is the documentation.

{
  __typename
}
`;

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) =>
    new Worker(new URL(`./${WORKERS[label] ?? 'editor'}.worker.js`, import.meta.url), { type: 'module' }),
};

// A link may bring a query behind the #, where it is never sent to a server.
const linked = new URLSearchParams(location.hash.slice(1)).get('query') ?? undefined;

// Subscriptions go over a socket to the same address. It is opened for the first and closed with the last of them, and
// introduces itself with the headers of the editor, which no browser sends with an upgrade.
let headers = {};
const wsClient = createClient({
  url: `${location.origin.replace(/^http/, 'ws')}${location.pathname}`,
  connectionParams: () => headers,
  keepAlive: 240_000, // the gateway hangs up after ten minutes of silence
});
const fetcher = createGraphiQLFetcher({ url: location.pathname, wsClient });
const fetchWithHeaders = (operation, options) => {
  headers = options?.headers ?? {};
  return fetcher(operation, options);
};

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={fetchWithHeaders}
    defaultQuery={DEFAULT_QUERY}
    initialQuery={linked}
    defaultEditorToolsVisibility
  />,
);
