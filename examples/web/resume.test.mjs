import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { follow } from './resume.mjs';
import { scriptedServer } from './scripted_server.mjs';

const QUERY = 'subscription ($after: String) { told(after: $after) { cursor node } }';

function clientOf(server) {
  return createClient({
    url: server.url,
    webSocketImpl: WebSocket,
    retryAttempts: Infinity,
    retryWait: async () => {},
    shouldRetry: () => true,
  });
}

/**
 * Follows until `enough(nodes)`, or the end; what came, and what else happened. `onSubscribe` is also given `handled`,
 * which promises that so many messages were.
 */
async function followed(onSubscribe, enough = () => false, request = {}) {
  const waiting = [];
  const handled = (count) => new Promise((resolve) => waiting.push({ count, resolve }));
  const server = await scriptedServer((...asked) => onSubscribe(...asked, handled));
  const client = clientOf(server);
  const nodes = [];
  const errors = [];
  let gaps = 0;
  const following = await new Promise((resolve) => {
    const started = follow(
      client,
      { query: QUERY, ...request },
      {
        next(message) {
          if (message.errors) errors.push(message.errors);
          else nodes.push(message.data.told.node);
          for (const { count, resolve } of waiting) if (nodes.length >= count) resolve();
          if (enough(nodes)) resolve(started);
        },
        gap: () => (gaps += 1),
        error(reason) {
          errors.push(reason);
          resolve(started);
        },
        complete: () => resolve(started),
      },
    );
  });
  following.stop();
  await client.dispose();
  await server.stop();
  return { nodes, errors, gaps, cursor: following.cursor, ...server.seen };
}

test('goes on behind the last message after a connection is lost', async () => {
  const result = await followed(
    (peer, { after }, connection, handled) => {
      if (connection === 0) {
        peer.event(1);
        peer.event(2);
        handled(2).then(peer.drop);
      } else {
        assert.equal(after, 'c2');
        peer.event(3);
      }
    },
    (nodes) => nodes.length === 3,
  );
  assert.deepEqual(result.nodes, [1, 2, 3]);
  assert.deepEqual(result.afters, [null, 'c2']);
  assert.equal(result.cursor, 'c3');
});

for (const code of [1000, 1001, 1012]) {
  test(`goes on after the server closed with ${code}`, async () => {
    const result = await followed(
      (peer, _, connection) => {
        peer.event(connection + 1);
        if (connection < 2) peer.close(code);
      },
      (nodes) => nodes.length === 3,
    );
    assert.deepEqual(result.afters, [null, 'c1', 'c2']);
  });
}

test('hands on each message once, however often it is sent', async () => {
  const result = await followed(
    (peer) => {
      [1, 2, 2, 1, 2, 3, 3, 1, 4].forEach(peer.event);
      peer.complete();
    },
  );
  assert.deepEqual(result.nodes, [1, 2, 3, 4]);
  assert.equal(result.cursor, 'c4', 'a repeat does not move it back');
});

test('begins behind a cursor that was kept', async () => {
  const result = await followed(
    (peer, { after }) => {
      peer.event(Number(after.slice(1)));
      peer.event(8);
      peer.complete();
    },
    undefined,
    { after: 'c7', variables: { after: 'overridden', city: 'Lisbon' } },
  );
  assert.deepEqual(result.nodes, [8]);
});

test('passes on a message that shows an error, and stays where it is', async () => {
  const result = await followed((peer) => {
    peer.event(1);
    peer.next({ data: { told: null }, errors: [{ message: 'INTERNAL' }] });
    peer.next({ data: null, errors: [{ message: 'INTERNAL' }] });
    peer.complete();
  });
  assert.equal(result.errors.length, 2);
  assert.equal(result.cursor, 'c1');
});

test('tells of a gap when its cursor has expired, and goes on from now', async () => {
  const result = await followed(
    (peer, { after }) => {
      if (after !== null) peer.error('CURSOR_EXPIRED');
      else {
        peer.event(90);
        peer.complete();
      }
    },
    undefined,
    { after: 'c1' },
  );
  assert.deepEqual([result.nodes, result.gaps, result.errors], [[90], 1, []]);
  assert.deepEqual(result.afters, ['c1', null]);
});

test('does not ask again where the server refuses', async () => {
  const refused = await followed((peer) => peer.error('UNAUTHENTICATED'));
  assert.equal(refused.errors[0][0].extensions.code, 'UNAUTHENTICATED');
  assert.deepEqual(refused.afters, [null]);
  const expired = await followed((peer) => peer.error('CURSOR_EXPIRED'));
  assert.deepEqual([expired.afters, expired.gaps], [[null], 0]);
});

test('asks again, behind the last message, where the server refuses for now', async () => {
  let asked = 0;
  const result = await followed((peer, { after }) => {
    asked += 1;
    if (asked === 1) {
      peer.event(1);
      peer.error('UNAVAILABLE', { retryable: true, retryAfterMs: 5 });
    } else if (asked === 2) peer.error('UNAVAILABLE', { retryable: true, retryAfterMs: 5 });
    else {
      assert.equal(after, 'c1');
      peer.event(2);
      peer.complete();
    }
  });
  assert.deepEqual([result.nodes, result.errors, result.gaps], [[1, 2], [], 0]);
  assert.deepEqual(result.afters, [null, 'c1', 'c1']);
});

test('does not ask again once it is stopped', async () => {
  const asked = [];
  const client = { subscribe: (_, sink) => asked.push(sink) && (() => {}) };
  const following = follow(client, { query: QUERY }, {});
  asked[0].error([{ extensions: { retryable: true, retryAfterMs: 5 } }]);
  following.stop();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(asked.length, 1);
});

test('needs an operation that it can resume', async () => {
  for (const query of ['subscription { told { cursor node } }', 'subscription ($after: String) { told(after: $after) { node } }']) {
    assert.throws(() => follow({}, { query }, {}), /\$after/);
  }
});

test('ends where it is stopped', async () => {
  const server = await scriptedServer((peer) => [1, 2, 3].forEach(peer.event));
  const client = clientOf(server);
  const nodes = [];
  await new Promise((resolve) => {
    const following = follow(
      client,
      { query: QUERY },
      {
        next({ data }) {
          nodes.push(data.told.node);
          following.stop();
        },
        complete: resolve,
      },
    );
  });
  await client.dispose();
  await server.stop();
  assert.deepEqual(nodes, [1]);
});

// Numbers that look random and are the same in every run (mulberry32).
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

for (let seed = 1; seed <= 20; seed += 1) {
  test(`what comes is the log, whatever is repeated or lost (seed ${seed})`, async () => {
    const chance = random(seed);
    const events = 200;
    const result = await followed(
      (peer, { after }) => {
        const from = after === null ? 0 : Number(after.slice(1));
        for (let n = from + 1; n <= events; n += 1) {
          peer.event(n);
          if (chance() < 0.2) {
            // A batch that was delivered, but not known to be, is delivered again.
            for (let again = Math.max(from + 1, n - Math.floor(chance() * 40)); again <= n; again += 1) peer.event(again);
          }
          if (chance() < 0.03) {
            if (chance() < 0.5) peer.drop();
            else peer.close(1001);
            return;
          }
        }
      },
      (nodes) => nodes.length === events,
    );
    assert.deepEqual(result.nodes, Array.from({ length: events }, (_, n) => n + 1));
    assert.ok(result.connections > 1);
  });
}
