// Many sockets, one event: node many.mjs PORT BOOK CLIENTS
import { FOLLOW, add, clientOf, until } from './speaking.mjs';

const [port, book, count] = process.argv.slice(2);
const clients = Array.from({ length: Number(count) }, () => ({ ...clientOf(port), came: [] }));
for (const { client, came } of clients) {
  client.subscribe(
    { query: FOLLOW, variables: { book } },
    { next: ({ data }) => came.push(data.noteAdded.node.text), error: (e) => came.push(e), complete() {} },
  );
}
const all = () => clients.reduce((sum, { came }) => sum + came.length, 0);
await until(() => clients.every(({ came }) => came.length === 1), 'every snapshot', all);
const before = performance.now();
await add(port, book, ['for all']);
await until(() => clients.every(({ came }) => came.length === 2), 'the event at every client', all);
const milliseconds = Math.round(performance.now() - before);
console.log(JSON.stringify({ came: clients.map(({ came }) => came), milliseconds }));
await Promise.all(clients.map(({ client }) => client.dispose()));
