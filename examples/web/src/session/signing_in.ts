// Signing in with a wallet (EIP-4361): the server words a message, the wallet signs it, a session begins.
import { client } from '../api/client';
import { faultOf } from '../api/faults';
import { sentence } from '../api/sentences';
import { store } from '../api/store';
import { RequestSignInDocument, SignInDocument, SignOutDocument } from '../generated/graphql';
import { BASE, leave, use } from '../wallet/connected';
import type { Wallet } from '../wallet/discovery';
import { signMessage } from '../wallet/provider';
import { walletRefusal } from '../wallet/refusals';
import { begin, end } from './session';

export type SigningIn =
  | { readonly state: 'IDLE' }
  | { readonly state: 'CONNECTING' | 'SIGNING' | 'CHECKING'; readonly wallet: Wallet }
  | { readonly state: 'FAILED'; readonly said: string; readonly declined: boolean };

export const signingIn = store<SigningIn>({ state: 'IDLE' });

const fetchPolicy = 'no-cache';

class Refused extends Error {}

const refuse = (told: { readonly code: string; readonly message: string } | null): never => {
  throw new Refused(told ? sentence(told) : 'The server could not sign you in. Try again.');
};

/** Signs in with this wallet; `signingIn` tells how far it is. */
export async function signIn(wallet: Wallet): Promise<void> {
  try {
    signingIn.set({ state: 'CONNECTING', wallet });
    const { account } = await asked(() => use(wallet));
    const page = { domain: location.host, uri: `${location.origin}/`, chainId: BASE };
    const requested = await client.mutate({
      mutation: RequestSignInDocument,
      variables: { input: { address: account, ...page } },
      fetchPolicy,
    });
    const challenge = requested.data?.requestSignIn ?? null;
    if (challenge?.__typename !== 'Challenge') return refuse(challenge);
    signingIn.set({ state: 'SIGNING', wallet });
    const { message } = challenge;
    const signature = await asked(() => signMessage(wallet.provider, account, message));
    signingIn.set({ state: 'CHECKING', wallet });
    const label = navigator.userAgent.slice(0, 100);
    const signed = await client.mutate({
      mutation: SignInDocument,
      variables: { input: { message, signature, label } },
      fetchPolicy,
    });
    const tokens = signed.data?.signIn ?? null;
    if (tokens?.__typename !== 'SessionTokens') return refuse(tokens);
    begin(account, tokens);
    signingIn.set({ state: 'IDLE' });
  } catch (error) {
    const refusal = error instanceof WalletSays ? walletRefusal(error.cause) : null;
    const said = refusal?.said ?? (error instanceof Refused ? error.message : faultOf(error).said);
    signingIn.set({ state: 'FAILED', said, declined: refusal?.kind === 'REJECTED' });
  }
  return undefined;
}

class WalletSays extends Error {}

async function asked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (cause) {
    throw new WalletSays('the wallet did not', { cause });
  }
}

/** Ends the session, here in any case, and at the server where it can be told. */
export async function signOut(everywhere: boolean): Promise<void> {
  try {
    await client.mutate({ mutation: SignOutDocument, variables: { input: { everywhere } }, fetchPolicy });
  } catch {
    // What was forgotten here nobody can use; the session ends by itself when its time is over.
  }
  end('SIGNED_OUT');
  leave();
}
