import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
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

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={createGraphiQLFetcher({ url: location.pathname })}
    defaultQuery={DEFAULT_QUERY}
    initialQuery={linked}
    defaultEditorToolsVisibility
  />,
);
