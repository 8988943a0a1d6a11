// The session of this browser. The access token lives in memory alone. The refresh token is good once, and using it
// twice ends the session, so all tabs share one and take turns: whoever renews holds a lock and reads it anew first.
import type { Address } from 'viem';
import { NotAnswered, post } from '../api/post';
import { keep, kept } from '../api/storage';
import { store } from '../api/store';
import { RefreshSessionDocument, type TokensFragment } from '../generated/graphql';

const KEPT = 'colonnade.session';
const EARLY_MS = 30_000;

export type Ended = 'SIGNED_OUT' | 'EXPIRED' | 'REUSED' | 'ELSEWHERE';
export type Session =
  | { readonly state: 'IN'; readonly address: Address; readonly sessionId: string }
  | { readonly state: 'OUT'; readonly why: Ended | null };

interface Kept {
  readonly address: Address;
  readonly sessionId: string;
  readonly refreshToken: string;
}

const storage = () => localStorage;
let access: { token: string; expiresAt: number } | null = null;

export const session = store<Session>(resumed());

function resumed(): Session {
  const found = read();
  return found ? { state: 'IN', address: found.address, sessionId: found.sessionId } : { state: 'OUT', why: null };
}

function read(): Kept | null {
  const found = kept(storage, KEPT) as Partial<Kept> | null;
  return found?.address && found.refreshToken && found.sessionId ? (found as Kept) : null;
}

/** Takes the tokens of `signIn` or `refreshSession`. The new refresh token is kept before anything else is done. */
export function begin(address: Address, tokens: TokensFragment): void {
  keep(storage, KEPT, { address, sessionId: tokens.sessionId, refreshToken: tokens.refreshToken } satisfies Kept);
  access = { token: tokens.accessToken, expiresAt: Date.parse(tokens.accessTokenExpiresAt) };
  const now = session.get();
  if (now.state === 'IN' && now.sessionId === tokens.sessionId) return;
  session.set({ state: 'IN', address, sessionId: tokens.sessionId });
}

/** Forgets the session. Telling the server is the caller's. */
export function end(why: Ended): void {
  access = null;
  keep(storage, KEPT, null);
  if (session.get().state === 'IN') session.set({ state: 'OUT', why });
}

/** An access token that is good for a while, or null where nobody is signed in. `refused`: one that was not good. */
export async function accessToken(refused?: string): Promise<string | null> {
  if (session.get().state === 'OUT') return null;
  const good = (found: typeof access) =>
    found && found.token !== refused && found.expiresAt - EARLY_MS > Date.now() ? found.token : null;
  return good(access) ?? navigator.locks.request(KEPT, async () => good(access) ?? renewed());
}

async function renewed(): Promise<string | null> {
  const found = read();
  if (!found) {
    end('ELSEWHERE');
    return null;
  }
  const { refreshSession: told } = await post(RefreshSessionDocument, { input: { refreshToken: found.refreshToken } });
  if (read()?.refreshToken !== found.refreshToken) return access?.token ?? null; // signed out meanwhile, or in anew
  if (told?.__typename === 'SessionTokens') {
    begin(found.address, told);
    return told.accessToken;
  }
  if (!told) throw new NotAnswered('the server could not say whether the session goes on');
  end(told.__typename === 'RefreshTokenReused' ? 'REUSED' : 'EXPIRED');
  return null;
}

/** Follows what other tabs do: one signs out or in, all do. */
export function followOtherTabs(): () => void {
  const changed = (event: StorageEvent) => {
    if (event.key !== KEPT) return;
    const [before, now] = [session.get(), resumed()];
    if (before.state === now.state && (now.state === 'OUT' || before.state === 'OUT' || before.sessionId === now.sessionId))
      return;
    access = null;
    session.set(now.state === 'OUT' ? { state: 'OUT', why: 'ELSEWHERE' } : now);
  };
  window.addEventListener('storage', changed);
  return () => window.removeEventListener('storage', changed);
}
