import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors, ServerError } from '@apollo/client/errors';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import { from, switchMap } from 'rxjs';
import { accessToken, session } from '../session/session';
import { ENDPOINT } from './post';
import { socket } from './socket';

/** Adds the session's access token, renewed where it is nearly over. */
const signed = new SetContextLink(async (context) => {
  const token = await accessToken(context['refusedToken'] as string | undefined);
  const headers = { ...(context['headers'] as Record<string, string> | undefined) };
  if (token) headers['authorization'] = `Bearer ${token}`;
  else delete headers['authorization'];
  return { headers, sentToken: token };
});

/** A token may stop being good on its way, as when a key is taken out: another is asked for, once. */
const again = new ErrorLink(({ error, operation, forward }) => {
  const { sentToken, refusedToken } = operation.getContext() as { sentToken?: string; refusedToken?: string };
  if (!sentToken || refusedToken || !isUnauthenticated(error)) return undefined;
  operation.setContext({ refusedToken: sentToken });
  return from(accessToken(sentToken)).pipe(switchMap(() => forward(operation)));
});

export function isUnauthenticated(error: unknown): boolean {
  if (ServerError.is(error)) return error.statusCode === 401;
  return CombinedGraphQLErrors.is(error) && error.errors.some(({ extensions }) => extensions?.['code'] === 'UNAUTHENTICATED');
}

export const client = new ApolloClient({
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    ApolloLink.from([again, signed, new HttpLink({ uri: ENDPOINT })]),
  ),
  // What is asked again after a block must not be given the answer of what was asked before it.
  queryDeduplication: false,
  cache: new InMemoryCache({
    typePolicies: {
      Query: { fields: { swaps: relayStylePagination(['account', 'chainId']) } },
      Viewer: { merge: true },
    },
  }),
});

/** Has the cache forget what was one user's as soon as another signs in, or nobody is. */
export function forgetStrangers(): () => void {
  return session.subscribe(() => {
    for (const fieldName of ['swaps', 'viewer']) client.cache.evict({ id: 'ROOT_QUERY', fieldName });
    client.cache.gc();
  });
}
