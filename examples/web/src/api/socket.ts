// The one WebSocket of the page: it connects again by itself, and introduces itself anew each time.
import { createClient } from 'graphql-ws';
import { accessToken, session } from '../session/session';
import { ENDPOINT } from './post';
import { store } from './store';

/** How the page reaches the server: `CONNECTING` is said only of a connection that was lost or never made. */
export type Connection = 'CONNECTING' | 'CONNECTED' | 'LOST';

const LONGEST_WAIT_MS = 10_000;

export const connection = store<Connection>('CONNECTING');

export const socket = createClient({
  url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${ENDPOINT}`,
  connectionParams: async () => {
    const token = await accessToken().catch(() => null); // prices are for everybody
    return token ? { authorization: `Bearer ${token}` } : {};
  },
  keepAlive: 240_000, // the gateway hangs up after ten silent minutes
  retryAttempts: Infinity,
  shouldRetry: () => true,
  retryWait: waited,
  on: {
    connected: () => connection.set('CONNECTED'),
    closed: () => connection.set('LOST'),
  },
});

/** Waits longer each time, not in step with everybody else, and no longer once the browser says it is online again. */
async function waited(retries: number): Promise<void> {
  const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** retries) * (0.5 + Math.random() / 2);
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, wait);
    window.addEventListener('online', done);
  });
}

/** Has the socket introduce itself as whoever signed in or out; what is subscribed to goes on. */
export function introduceAnew(): () => void {
  return session.subscribe(() => socket.terminate());
}
