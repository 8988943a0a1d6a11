// Follows a book with the resume helper and prints each text as it comes, until the last: node following.mjs PORT BOOK LAST [DROPS]
// DROPS: how often the client's own socket is cut off, without a word, on the way.
import { follow } from '../../examples/web/resume.mjs';
import { FOLLOW, clientOf } from './speaking.mjs';

const [port, book, last, drops = '0'] = process.argv.slice(2);
const { client, sockets } = clientOf(port, { retryAttempts: Infinity, shouldRetry: () => true });
let left = Number(drops);
let came = 0;
const following = follow(
  client,
  { query: FOLLOW, variables: { book } },
  {
    async next({ data, errors }) {
      const text = errors ? `ERROR ${errors[0].message}` : data.noteAdded.node.text;
      console.log(text);
      came += 1;
      if (text === last) {
        following.stop();
        await client.dispose();
        console.error(JSON.stringify({ connections: sockets.length }));
      } else if (left > 0 && came % 10 === 0) {
        left -= 1;
        sockets.at(-1).terminate();
      }
    },
    gap: () => console.log('GAP'),
    error: (reason) => {
      console.log(`ERROR ${JSON.stringify(reason)}`);
      process.exit(1);
    },
    complete() {},
  },
);
