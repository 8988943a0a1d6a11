// What people read when the server says no. The server's own messages are for developers.
import type { ErrorCode, NoRouteReason } from '../generated/graphql';

type Known<Name extends string> = Exclude<Name, '%future added value'>;

/** The compiler sees to it that every code of the schema is here; a server may know newer ones. */
const SENTENCES: Record<Known<ErrorCode>, string> = {
  ACCESS_ALREADY_GRANTED: 'You have access already.',
  ACCOUNT_NOT_LINKED: 'This wallet does not belong to the account you are signed in with. Sign in with it, then try again.',
  ACTION_CLOSED: 'This swap is over; nothing more can be signed for it.',
  ACTION_EXPIRED: 'The time to send this swap is over. Nothing was spent. Start again for a new price.',
  ACTION_NOT_FOUND: 'There is no such swap in your account.',
  API_KEY_NOT_FOUND: 'There is no such key in your account.',
  AUTHORIZATION_UNAVAILABLE: 'This token cannot be paid with in the way that was asked for.',
  CHALLENGE_INVALID: 'The message took too long to sign, or was used before. Sign in again for a new one.',
  CONCURRENT_CHANGE: 'The swap was just changing. Try again in a moment.',
  ERASURE_UNDER_WAY: 'Your account is being erased.',
  IDEMPOTENCY_IN_PROGRESS: 'This swap is being prepared already. Try again in a moment.',
  IDEMPOTENCY_KEY_REUSED: 'Something else was asked for under the same name. Start the swap again.',
  INSUFFICIENT_BALANCE: 'Your wallet does not hold enough for this swap.',
  INVITATIONS_EXHAUSTED: 'You have written all the invitations you have.',
  INVITATION_INVALID: 'This invitation is unknown, used, or too old.',
  LAST_WALLET: 'It is the only wallet you can sign in with, so it stays.',
  MESSAGE_REFUSED: 'The server does not accept sign-ins from this page. Open it at its usual address.',
  NO_ROUTE: 'Nothing trades these two tokens for this amount.',
  OPERATION_NOT_CANCELLABLE: 'This cannot be ended half-done. It ends by itself.',
  OPERATION_NOT_FOUND: 'There is no such task in your account.',
  PERMISSION_NOT_HELD: 'Your account may not do this.',
  PRICE_IMPACT_TOO_HIGH: 'A swap of this size would move the price too far against you. Try a smaller amount.',
  PROOF_ALREADY_USED: 'This transaction already belongs to another swap.',
  PROOF_REJECTED: 'What the wallet sent is not this swap. Your wallet’s activity shows what it was.',
  REFRESH_TOKEN_INVALID: 'Your session has ended. Sign in again.',
  REFRESH_TOKEN_REUSED: 'Your session was ended for safety: its key was used twice. Sign in again.',
  SESSION_NOT_FOUND: 'That session had ended already.',
  SIGNATURE_INVALID: 'The signature is not this wallet’s. Is another account selected in it?',
  SIMULATION_FAILED: 'Tried out on the newest block, this swap fails, so it was not prepared. Nothing was spent.',
  STEP_NOT_READY: 'This step was done already, or is not yet due.',
  TOKEN_NOT_FOUND: 'There is no such token.',
  TOO_MANY_CHALLENGES: 'Too many sign-ins were begun with this wallet. Wait a few minutes.',
  TOO_MANY_WEBHOOK_ENDPOINTS: 'Your account has as many webhook endpoints as one may have.',
  TOO_MANY_WALLETS: 'No more wallets can be linked to this account.',
  VALIDATION_FAILED: 'Something in the form is not right.',
  WAITLIST_ENTRY_NOT_FOUND: 'Nobody waits under this name.',
  WALLET_NOT_LINKED: 'This wallet is not one of yours.',
  WALLET_SIGNATURE_INVALID: 'The signature is not this wallet’s. Is another account selected in it?',
  WALLET_TAKEN: 'This wallet belongs to another account.',
  WEBHOOK_DELIVERY_IN_PROGRESS: 'This message is just being sent. Look again in a moment.',
  WEBHOOK_DELIVERY_NOT_FOUND: 'There is no such message in your account.',
  WEBHOOK_ENDPOINT_DISABLED: 'This webhook endpoint is switched off.',
  WEBHOOK_ENDPOINT_NOT_FOUND: 'There is no such webhook endpoint in your account.',
  WEBHOOK_RECOVERY_IN_PROGRESS: 'This webhook endpoint is being sent again what it missed. Ask again when that has ended.',
};

const NO_ROUTES: Record<Known<NoRouteReason>, string> = {
  AMOUNT_TOO_SMALL: 'This amount is too small to buy anything.',
  INSUFFICIENT_LIQUIDITY: 'The pools do not hold enough for this amount. Try a smaller one.',
  NO_POOL: 'No pool trades these two tokens.',
  PRICE_OUT_OF_REACH: 'This amount would move the price out of reach. Try a smaller one.',
};

/** Of whole requests: `errors { extensions { code } }`. */
const FAULTS: Record<string, string> = {
  COST_LIMIT_EXCEEDED: 'The server found this too much to ask at once.',
  PAYLOAD_TOO_LARGE: 'The server found this too much to ask at once.',
  TIMEOUT: 'The server took too long. Trying again is safe: nothing is done twice.',
  UNAUTHENTICATED: 'Your session has ended. Sign in again.',
  UNAVAILABLE: 'The server is busy. Try again in a moment.',
  CHAIN_UNAVAILABLE: 'The chain does not answer. Try again in a moment.',
};

const inner = <Value>(record: Record<string, Value>, key: string): Value | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** A refusal as a sentence. Of a code newer than this page, the server's own words. */
export function sentence(refused: { readonly code: string; readonly message: string; readonly reason?: string }): string {
  return (
    inner<string>(NO_ROUTES, refused.reason ?? '') ??
    inner<string>(SENTENCES, refused.code) ??
    (refused.message ? `The server says: ${refused.message}.`.replace(/\.\.$/, '.') : 'Something went wrong. Try again.')
  );
}

/** A fault of the whole request as a sentence, by its code. */
export function faultSentence(code: unknown, requestId: unknown): string {
  const known = typeof code === 'string' ? inner(FAULTS, code) : undefined;
  const quote = typeof requestId === 'string' && requestId ? ` (request ${requestId})` : '';
  return known ?? `Something went wrong on the server. Try again${quote}.`;
}
