import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';

export const ENDPOINT = '/graphql';

/** An operation that the server did not run: its answer had `errors`, or was none. */
export class NotAnswered extends Error {}

/**
 * Sends one operation without credentials, past the cache and everything that adds a session.
 * Raises `NotAnswered`, and what `fetch` raises where nobody answers.
 */
export async function post<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const answer = await fetch(ENDPOINT, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const { data, errors } = (await answer.json()) as { data?: Data | null; errors?: { message: string }[] };
  if (!data || errors) throw new NotAnswered(errors?.[0]?.message ?? `the server answered ${answer.status}`);
  return data;
}
