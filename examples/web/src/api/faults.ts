import { CombinedGraphQLErrors, ServerError, ServerParseError } from '@apollo/client/errors';
import { isUnauthenticated } from './client';
import { faultSentence } from './sentences';

/** What kept a request from being answered, as a sentence. `again`: whether asking once more may help. */
export interface Fault {
  readonly said: string;
  readonly again: boolean;
  readonly kind: 'OFFLINE' | 'SIGNED_OUT' | 'SERVER';
}

export function faultOf(error: unknown): Fault {
  if (isUnauthenticated(error)) return { kind: 'SIGNED_OUT', said: faultSentence('UNAUTHENTICATED', null), again: false };
  if (CombinedGraphQLErrors.is(error)) {
    const extensions = error.errors[0]?.extensions ?? {};
    return {
      kind: 'SERVER',
      said: faultSentence(extensions['code'], extensions['requestId']),
      again: extensions['retryable'] !== false,
    };
  }
  if (ServerError.is(error) && error.statusCode < 500)
    return { kind: 'SERVER', said: faultSentence(null, null), again: true };
  if (ServerError.is(error) || ServerParseError.is(error) || error instanceof TypeError)
    return {
      kind: 'OFFLINE',
      said: navigator.onLine
        ? 'The server does not answer. Trying again is safe: nothing is done twice.'
        : 'You are offline. Nothing is lost; go on when you are back.',
      again: true,
    };
  return { kind: 'SERVER', said: faultSentence(null, null), again: true };
}
