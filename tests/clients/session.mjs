// One client's day: node session.mjs PORT BOOK
import { ADD, FOLLOW, add, clientOf, later, run, until } from './speaking.mjs';

const [port, book] = process.argv.slice(2);
const pongs = [];
const { client, sockets } = clientOf(port, { keepAlive: 50, on: { pong: (received) => received && pongs.push(1) } });

const came = [];
let completed = false;
const leave = client.subscribe(
  { query: FOLLOW, variables: { book } },
  {
    next: ({ data, errors }) => came.push(errors ? errors[0].message : data.noteAdded),
    error: (reason) => came.push(reason),
    complete: () => (completed = true),
  },
);
await until(() => came.length === 1, 'the snapshot');
const texts = Array.from({ length: 20 }, (_, n) => `note ${n}`);
await add(port, book, texts);
await until(() => came.length === 21, 'twenty events');
await until(() => pongs.length >= 2, 'two pongs');

const query = await run(client, 'query ($book: String!) { notes(book: $book) }', { book });
const mutation = await run(client, ADD, { book, texts: ['over the socket'] });
await until(() => came.length === 22, 'the event of a mutation over the socket');
const forbidden = await run(client, FOLLOW, { book: 'secret' });
const invalid = await run(client, 'subscription { nothing }');
const malformed = await run(client, 'subscription {');

leave();
await until(() => completed, 'the completion');
// Another one on the same socket shows when events would have come.
const witness = [];
const other = clientOf(port);
const stop = other.client.subscribe(
  { query: FOLLOW, variables: { book } },
  { next: ({ data }) => witness.push(data.noteAdded.node.text), error: console.error, complete() {} },
);
await until(() => witness.length === 1, 'the snapshot of the witness');
await add(port, book, ['after completion']);
await until(() => witness.length === 2, 'the event of the witness');
await later(100);
stop();

console.log(JSON.stringify({ came, query, mutation, forbidden, invalid, malformed, sockets: sockets.length }));
await client.dispose();
await other.client.dispose();
