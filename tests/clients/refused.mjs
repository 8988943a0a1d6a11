// A client that is refused, with everything set to try again at once: node refused.mjs PORT MILLISECONDS PARAMS [OPTIONS]
import { FOLLOW, clientOf, later } from './speaking.mjs';

const [port, milliseconds, params, given = '{}'] = process.argv.slice(2);
const { protocol, origin } = JSON.parse(given);
const { default: WebSocket } = await import('ws');
let connections = 0;
class Asking extends WebSocket {
  constructor(url, asked) {
    super(url, protocol ? [protocol] : asked, { origin });
    connections += 1;
  }
}
const { client } = clientOf(port, {
  webSocketImpl: Asking,
  connectionParams: JSON.parse(params),
  shouldRetry: () => true,
});
const errors = [];
for (let n = 0; n < 3; n += 1) {
  client.subscribe(
    { query: FOLLOW, variables: { book: 'any' } },
    {
      next() {},
      error: (reason) => errors.push(Array.isArray(reason) ? reason[0].extensions.code : String(reason.message ?? reason)),
      complete() {},
    },
  );
}
await later(Number(milliseconds));
console.log(JSON.stringify({ connections, errors }));
process.exit(0);
