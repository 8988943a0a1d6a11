// Subscribes and completes without waiting, on one socket after another: node back_to_back.mjs PORT BOOK TIMES
// Two functions may handle these messages at once, in either order. The sockets stay open until stdin ends; then it
// prints what the server said.
import WebSocket from 'ws';
import { FOLLOW, until } from './speaking.mjs';

const [port, book, times] = process.argv.slice(2);
const said = [];
const sockets = [];
for (let n = 0; n < Number(times); n += 1) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws');
  const say = (message) => socket.send(JSON.stringify(message));
  let acknowledged = false;
  let ponged = 0;
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.type === 'connection_ack') acknowledged = true;
    else if (message.type === 'pong') ponged += 1;
    else said.push(message);
  });
  await new Promise((resolve) => socket.on('open', resolve));
  say({ type: 'connection_init' });
  await until(() => acknowledged, 'an acknowledgement');
  say({ id: '1', type: 'subscribe', payload: { query: FOLLOW, variables: { book } } });
  say({ id: '1', type: 'complete' });
  say({ type: 'ping' });
  await until(() => ponged === 1, 'a pong');
  sockets.push(socket);
}
console.log('all completed');
process.stdin.resume();
process.stdin.on('end', () => {
  console.log(JSON.stringify(said));
  process.exit(0);
});
