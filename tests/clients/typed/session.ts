// A client with types and no framework: what it asks is typed by operations.graphql, and `print` makes text of it.
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { createClient } from 'graphql-ws';
import { privateKeyToAccount } from 'viem/accounts';
import type { Hex } from 'viem';
import {
  CancelActionDocument,
  FollowedDocument,
  PrepareSwapDocument,
  PriceDocument,
  RequestSignInDocument,
  SignInDocument,
} from './generated/graphql.js';
import type { FollowedSubscription, PreparedFragment, PrepareSwapMutation, SwapOrderInput } from './generated/graphql.js';

/** An answer as it comes: by the specification `data` is null only where there are errors. */
interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string }[] | undefined;
}

function dataOf<Data>({ data, errors }: Answer<Data>): NonNullable<Data> {
  if (errors || !data) throw new Error(JSON.stringify(errors));
  return data;
}

/** Narrows a root field to what it is when all is well. */
function successful<Result extends { readonly __typename: string }, Name extends Result['__typename']>(
  name: Name,
  result: Result | null,
): Extract<Result, { readonly __typename: Name }> {
  if (result?.__typename !== name) throw new Error(JSON.stringify(result));
  return result as Extract<Result, { readonly __typename: Name }>;
}

export interface Told {
  readonly bought: { readonly address: Hex; readonly symbol: string; readonly raw: string };
  readonly refused: { readonly code: string; readonly paths: readonly string[] };
  readonly value: string;
  readonly seen: readonly string[];
}

/** Prices a swap, signs in with the key, has the swap prepared, follows it, and calls it off. */
export async function session(
  port: string,
  key: Hex,
  order: SwapOrderInput,
  webSocketImpl: unknown,
): Promise<Told> {
  let authorization: string | undefined;

  async function ask<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<NonNullable<Data>> {
    const response = await fetch(`http://localhost:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      body: JSON.stringify({ query: print(document), variables }),
    });
    return dataOf((await response.json()) as Answer<Data>);
  }

  const { swapPrice } = await ask(PriceDocument, { input: order });
  const price = successful('SwapPrice', swapPrice);

  const account = privateKeyToAccount(key);
  const page = { domain: `localhost:${port}`, uri: `http://localhost:${port}/` };
  const challenged = await ask(RequestSignInDocument, { input: { address: account.address, ...page } });
  const { message } = successful('Challenge', challenged.requestSignIn);
  const signature = await account.signMessage({ message });
  const { signIn } = await ask(SignInDocument, { input: { message, signature } });
  authorization = `Bearer ${successful('SessionTokens', signIn).accessToken}`;

  const wanted = { account: account.address, swap: { order } };
  const { prepareSwap: answer } = await ask(PrepareSwapDocument, {
    input: { ...wanted, idempotencyKey: crypto.randomUUID(), slippageBps: 9_999 },
  });
  const refused = successful('ValidationFailed', answer);

  const { prepareSwap } = await ask(PrepareSwapDocument, {
    input: { ...wanted, idempotencyKey: crypto.randomUUID() },
  });
  const action = prepared(prepareSwap);

  const listener = createClient({
    url: `ws://localhost:${port}/graphql`,
    webSocketImpl,
    connectionParams: { authorization },
  });
  const seen: PreparedFragment[] = [];
  const following = { query: print(FollowedDocument), variables: { id: action.id } };
  for await (const message of listener.iterate<FollowedSubscription>(following)) {
    const { actionUpdated } = dataOf(message);
    if (!actionUpdated?.node) throw new Error('there is no such action');
    seen.push(actionUpdated.node);
    if (actionUpdated.node.status === 'CANCELLED') break;
    if (seen.length === 1) {
      const { cancelAction } = await ask(CancelActionDocument, { input: { actionId: action.id } });
      successful('PreparedAction', cancelAction);
    }
  }
  await listener.dispose();

  return {
    bought: { ...price.amountOut.token, raw: price.amountOut.raw },
    refused: { code: refused.code, paths: refused.issues.map(({ path }) => path.join('.')) },
    value: valueOf(action),
    seen: seen.map(({ status }) => status),
  };
}

function prepared(result: PrepareSwapMutation['prepareSwap']): PreparedFragment {
  if (result === null) throw new Error('the server could not answer');
  switch (result.__typename) {
    case 'PreparedAction':
      return result;
    case 'ValidationFailed':
      throw new Error(result.issues.map(({ path, code }) => `${path.join('.')}: ${code}`).join());
    default:
      throw new Error(`${result.code}: ${result.message}`);
  }
}

function valueOf({ steps: [step] }: PreparedFragment): string {
  if (step?.__typename !== 'SendCallsStep' || !step.calls?.[0]) throw new Error('nothing is to be sent');
  return step.calls[0].value;
}
