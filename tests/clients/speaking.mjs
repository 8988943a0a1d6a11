// What every session says to the notebook, and how it waits.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

export const FOLLOW = `subscription ($book: String!, $after: String) {
  noteAdded(book: $book, after: $after) { cursor node { text readAtOnce } }
}`;
export const ADD = 'mutation ($book: String!, $texts: [String!]!) { addNotes(book: $book, texts: $texts) }';
export const PATIENCE = 30_000;

export const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `done()`; fails half a minute after the last time that `progress()` was another. */
export async function until(done, what, progress = () => 0) {
  let end = Date.now() + PATIENCE;
  let last = progress();
  while (!done()) {
    const now = progress();
    if (now !== last) [last, end] = [now, Date.now() + PATIENCE];
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await later(5);
  }
}

/** A client of graphql-ws, and the sockets it has opened so far. */
export function clientOf(port, options = {}) {
  const sockets = [];
  class Counted extends WebSocket {
    constructor(...given) {
      super(...given);
      sockets.push(this);
    }
  }
  const client = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    webSocketImpl: Counted,
    retryWait: () => later(50),
    ...options,
  });
  return { client, sockets };
}

/** Everything that one operation gives, until it ends: `{ results, errors }`. */
export function run(client, query, variables = {}) {
  return new Promise((resolve) => {
    const results = [];
    client.subscribe(
      { query, variables },
      {
        next: (result) => results.push(result),
        error: (reason) => resolve({ results, errors: Array.isArray(reason) ? reason : [{ message: String(reason) }] }),
        complete: () => resolve({ results, errors: null }),
      },
    );
  });
}

/** Adds notes over HTTP. */
export async function add(port, book, texts) {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: ADD, variables: { book, texts } }),
  });
  const { data, errors } = await response.json();
  if (errors || data.addNotes !== texts.length) throw new Error(JSON.stringify({ data, errors }));
}
