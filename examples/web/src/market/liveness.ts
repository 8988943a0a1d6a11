import { useEffect, useState } from 'react';
import { connection } from '../api/socket';
import { useStore } from '../api/store';
import { feed } from './feed';

export type Liveness = 'WAITING' | 'LIVE' | 'QUIET' | 'RECONNECTING' | 'OFFLINE';

const QUIET_AFTER_MS = 15_000;

/** Whether what is shown is what is, and for how many seconds nothing was heard. */
export function useLiveness(): { readonly state: Liveness; readonly silence: number } {
  const { heardAt } = useStore(feed);
  const connected = useStore(connection);
  const now = useNow();
  const silence = heardAt === null ? 0 : Math.max(0, Math.floor((now - heardAt) / 1_000));
  if (!navigator.onLine) return { state: 'OFFLINE', silence };
  if (connected === 'LOST') return { state: 'RECONNECTING', silence };
  if (heardAt === null) return { state: 'WAITING', silence };
  return { state: now - heardAt > QUIET_AFTER_MS ? 'QUIET' : 'LIVE', silence };
}

/** The time, a render each second, and at once where the browser goes on or off line. */
export function useNow(): number {
  const [now, set] = useState(Date.now);
  useEffect(() => {
    const tick = () => set(Date.now());
    const timer = setInterval(tick, 1_000);
    window.addEventListener('online', tick);
    window.addEventListener('offline', tick);
    return () => {
      clearInterval(timer);
      window.removeEventListener('online', tick);
      window.removeEventListener('offline', tick);
    };
  }, []);
  return now;
}
