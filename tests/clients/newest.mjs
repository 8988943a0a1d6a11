// Follows only the newest note of a book, while twenty are added: node newest.mjs PORT BOOK
import { add, clientOf, later, until } from './speaking.mjs';

const [port, book] = process.argv.slice(2);
const { client } = clientOf(port);
const came = [];
const errors = [];
client.subscribe(
  {
    query: 'subscription ($book: String!) { newestNote(book: $book) { sequence kind node { text } } }',
    variables: { book },
  },
  { next: ({ data }) => came.push(data.newestNote), error: (reason) => errors.push(reason), complete() {} },
);
// Nothing says that such a subscription has begun: the first note that comes does.
for (let n = 0; came.length === 0; n += 1) {
  await add(port, book, [`first ${n}`]);
  await later(50);
}
await add(port, book, Array.from({ length: 20 }, (_, n) => `note ${n}`));
await until(() => came.at(-1).node?.text === 'note 19', 'the newest note');
console.log(JSON.stringify({ came, errors }));
await client.dispose();
