// Follows a lossless subscription through lost connections: nothing missing, nothing twice, in order.
//
// graphql-ws connects again by itself, but subscribes again with the variables it was first given, so it would go on
// from now and miss what happened meanwhile. `follow` has it go on behind the last message that was handled.
//
//     import { createClient } from 'graphql-ws';
//     import { follow } from './resume.mjs';
//
//     const client = createClient({ url: 'wss://api.example/graphql', retryAttempts: Infinity, shouldRetry: () => true });
//     const following = follow(client, {
//       query: 'subscription ($id: ID!, $after: String) { actionUpdated(id: $id, after: $after) { cursor node { status } } }',
//       variables: { id: 'act_01…' },
//     }, {
//       next: ({ data, errors }) => …,
//       gap: () => …,        // what happened since is no longer kept: read the state again
//       error: (reason) => …, // as graphql-ws has it
//       complete: () => …,
//     });
//     following.cursor         // where it is: keep it, and pass it as `after` when the page is loaded again
//     following.stop();

const REMEMBERED = 1_000;
const PAUSE_MS = 1_000;

/**
 * Subscribes, and again after every loss of connection, each time behind the last message that `sink.next` was given.
 *
 * `request`: what `client.subscribe` takes, and `after`, the cursor to begin behind. The operation follows one field,
 * passes it `$after`, and selects its `cursor`. `sink.next` is given each message once: the server may repeat some,
 * and the same place has the same cursor. It throws where it could not handle one; then that one comes again.
 * What the server refuses for now (`retryable`) is asked again after the pause it names, or a second; `sink.error` is
 * told of every other refusal.
 */
export function follow(client, { after = null, query, variables, ...request }, sink) {
  if (!/\$after\b/.test(query) || !/\bcursor\b/.test(query)) {
    throw new TypeError('the operation declares $after, passes it to its field, and selects the cursor of its messages');
  }
  const seen = new Set();
  let last = after;
  let stopped = false;
  let unsubscribe = () => {};
  let pause;

  // The message that subscribes is written anew at every attempt, and reads the variables as they are then.
  const live = {
    ...request,
    query,
    get variables() {
      return { ...variables, after: last };
    },
  };

  const next = (message) => {
    if (stopped) return;
    const cursor = Object.values(message.data ?? {})[0]?.cursor;
    if (cursor === undefined) {
      sink.next(message); // a failure to show one event has no place: what follows it has
      return;
    }
    if (cursor === last || seen.has(cursor)) return;
    sink.next(message);
    last = cursor;
    seen.add(cursor);
    if (seen.size > REMEMBERED) seen.delete(seen.values().next().value);
  };

  const error = (reason) => {
    const [first] = Array.isArray(reason) ? reason : [];
    if (first?.extensions?.retryable && !stopped) {
      pause = setTimeout(begin, first.extensions.retryAfterMs ?? PAUSE_MS);
      return;
    }
    const expired = Array.isArray(reason) && reason.some(({ extensions }) => extensions?.code === 'CURSOR_EXPIRED');
    if (!expired || last === null || stopped) {
      sink.error(reason);
      return;
    }
    last = null;
    seen.clear();
    sink.gap?.();
    begin();
  };

  const begin = () => {
    if (!stopped) unsubscribe = client.subscribe(live, { next, error, complete: () => sink.complete() });
  };

  begin();
  return {
    get cursor() {
      return last;
    },
    stop() {
      stopped = true;
      clearTimeout(pause);
      unsubscribe();
    },
  };
}
