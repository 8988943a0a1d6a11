// A graphql-transport-ws server whose every move is the test's.
import { once } from 'node:events';
import { WebSocketServer } from 'ws';

/** `onSubscribe(peer, variables, connection)` is called for each subscription; connections are counted from 0. */
export async function scriptedServer(onSubscribe) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
  await once(server, 'listening');
  const seen = { connections: 0, afters: [], completed: 0 };
  server.on('connection', (socket) => {
    const connection = seen.connections;
    seen.connections += 1;
    const say = (message) => socket.send(JSON.stringify(message));
    socket.on('message', (data) => {
      const { id, type, payload } = JSON.parse(data);
      if (type === 'connection_init') say({ type: 'connection_ack' });
      if (type === 'complete') seen.completed += 1;
      if (type !== 'subscribe') return;
      seen.afters.push(payload.variables.after);
      const peer = {
        next: (payload) => say({ id, type: 'next', payload }),
        event: (n) => say({ id, type: 'next', payload: { data: { told: { cursor: `c${n}`, node: n } } } }),
        error: (code, more) => say({ id, type: 'error', payload: [{ message: code, extensions: { code, ...more } }] }),
        complete: () => say({ id, type: 'complete' }),
        drop: () => socket.terminate(),
        close: (code) => socket.close(code),
      };
      onSubscribe(peer, payload.variables, connection);
    });
  });
  return {
    url: `ws://127.0.0.1:${server.address().port}`,
    seen,
    async stop() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}
