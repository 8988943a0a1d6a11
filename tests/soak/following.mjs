// Follows books with graphql-ws and the resume helper until stdin ends: node following.mjs URL SEED HANG_UP BOOK…
// It prints a line of JSON for each message, and for whatever else becomes of a book. HANG_UP: the share of messages
// after which it cuts its own socket off, without a word.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { follow } from '../../examples/web/resume.mjs';

const FOLLOW = `subscription ($book: String!, $after: String) {
  noteAdded(book: $book, after: $after) { cursor node { text } }
}`;
const [url, seed, hangUp, ...books] = process.argv.slice(2);
const tell = (line) => console.log(JSON.stringify(line));

let state = Number(seed) >>> 0;
/** Mulberry32: the same numbers for the same seed. */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
}

let socket;
class Cuttable extends WebSocket {
  constructor(...given) {
    super(...given);
    socket = this;
  }
}
const lostAt = new Map();
const client = createClient({
  url,
  webSocketImpl: Cuttable,
  retryAttempts: Infinity,
  shouldRetry: () => true,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
  on: {
    closed() {
      for (const book of books) {
        if (!lostAt.has(book)) lostAt.set(book, performance.now());
      }
      tell({ book: books[0], kind: 'loss' });
    },
  },
});

for (const book of books) {
  const wrong = (what) => tell({ book, kind: 'wrong', text: JSON.stringify(what) });
  follow(
    client,
    { query: FOLLOW, variables: { book } },
    {
      next(message) {
        if (message.errors || !message.data?.noteAdded) {
          wrong(message);
          return;
        }
        const { cursor, node } = message.data.noteAdded;
        const gap = lostAt.has(book) ? (performance.now() - lostAt.get(book)) / 1_000 : 0;
        lostAt.delete(book);
        tell({ book, kind: 'next', cursor, text: node.text, gap });
        if (random() < Number(hangUp)) socket.terminate();
      },
      gap: () => wrong('gap'),
      error: (reason) => wrong(reason?.message ?? reason),
      complete: () => wrong('complete'),
    },
  );
}
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
