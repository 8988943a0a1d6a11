// @apollo/client with automatic persisted queries: node apollo.mjs PORT GET|POST
// It asks the same query of two clients, as two browsers would, and prints every request with what came back.
import { createHash } from 'node:crypto';
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';

const [port, method] = process.argv.slice(2);
const uri = `http://localhost:${port}/graphql`;
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

const asked = [];
async function recording(url, options) {
  const sent = options.body ? JSON.parse(options.body) : Object.fromEntries(new URL(url).searchParams);
  const response = await fetch(url, options);
  const answer = await response.clone().json();
  asked.push({
    method: options.method,
    hasQuery: 'query' in sent,
    hash: (typeof sent.extensions === 'string' ? JSON.parse(sent.extensions) : sent.extensions).persistedQuery.sha256Hash,
    status: response.status,
    type: response.headers.get('content-type'),
    code: answer.errors?.[0].extensions.code ?? null,
  });
  return response;
}

const browser = () =>
  new ApolloClient({
    cache: new InMemoryCache(),
    link: new PersistedQueryLink({ sha256, useGETForHashedQueries: method === 'GET' }).concat(
      new HttpLink({ uri, fetch: recording }),
    ),
  });

// A name that no other run has, so that the server has not seen this document.
const name = `Price${sha256(`${process.pid} ${Date.now()} ${method}`).slice(0, 12)}`;
const PRICE = gql`
  query ${name}($input: SwapPriceInput!) {
    swapPrice(input: $input) {
      ... on SwapPrice {
        amountOut { raw token { symbol } }
      }
    }
  }
`;
const SIGN_IN = gql`
  mutation ${name}SignIn($input: RequestSignInInput!) {
    requestSignIn(input: $input) {
      ... on Challenge { nonce }
    }
  }
`;
const swap = {
  tokenIn: '0x4200000000000000000000000000000000000006',
  tokenOut: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  amount: '1000000000000000000',
};
const page = { address: swap.tokenIn, domain: `localhost:${port}`, uri: `http://localhost:${port}/` };

const answers = [];
const first = browser();
answers.push((await first.query({ query: PRICE, variables: { input: swap } })).data.swapPrice);
answers.push((await browser().query({ query: PRICE, variables: { input: swap } })).data.swapPrice);
const { data } = await first.mutate({ mutation: SIGN_IN, variables: { input: page } });
console.log(JSON.stringify({ answers, challenge: data.requestSignIn, asked }));
