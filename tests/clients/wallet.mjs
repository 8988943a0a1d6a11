// viem as the wallet and graphql-ws as the ear: node wallet.mjs PORT RPC KEY SOLD BOUGHT AMOUNT AUTHORIZATION
// It signs in with Ethereum, has a swap prepared, signs and sends what it is given, and waits until that is final.
import { createClient as createListener } from 'graphql-ws';
import { createWalletClient, createPublicClient, custom, http } from 'viem';
import { base } from 'viem/chains';
import { parseSiweMessage, validateSiweMessage } from 'viem/siwe';
import { privateKeyToAccount } from 'viem/accounts';
import WebSocket from 'ws';

const [port, rpc, key, tokenIn, tokenOut, amount, authorization] = process.argv.slice(2);
const account = privateKeyToAccount(key);
const wallet = createWalletClient({ account, chain: base, transport: http(rpc) });
const chain = createPublicClient({ chain: base, transport: http(rpc), pollingInterval: 100 });

let token;
async function ask(query, input) {
  const response = await fetch(`http://localhost:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  const [answer] = Object.values(data);
  if (answer.code) throw new Error(JSON.stringify(answer));
  return answer;
}

const page = { domain: `localhost:${port}`, uri: `http://localhost:${port}/` };
const { message } = await ask(
  'mutation ($input: RequestSignInInput!) { requestSignIn(input: $input) { ... on Challenge { message } ... on UserError { code message } } }',
  { address: account.address, ...page },
);
const siwe = parseSiweMessage(message);
if (!validateSiweMessage({ message: siwe, address: account.address, domain: page.domain })) throw new Error(message);
if (siwe.chainId !== base.id || siwe.uri !== page.uri) throw new Error(message);
const signature = await account.signMessage({ message });
({ accessToken: token } = await ask(
  'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SessionTokens { accessToken } ... on UserError { code message } } }',
  { message, signature },
));

const ACTION = `... on PreparedAction { id status chainId failure { message } steps {
  __typename index status
  ... on SendCallsStep { atomicRequired capabilities calls { to data value } }
  ... on SignTypedDataStep { typedData }
} } ... on UserError { code message }`;
let action = await ask(`mutation ($input: PrepareSwapInput!) { prepareSwap(input: $input) { ${ACTION} } }`, {
  account: account.address,
  swap: { order: { tokenIn, tokenOut, amount } },
  idempotencyKey: crypto.randomUUID(),
  ...(authorization !== 'none' && { authorization }),
});

const seen = [];
const listener = createListener({
  url: `ws://localhost:${port}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: { authorization: `Bearer ${token}` },
});
let began;
const beginning = new Promise((resolve) => (began = resolve));
const final = new Promise((resolve, reject) => {
  listener.subscribe(
    { query: 'subscription ($id: ID!) { actionUpdated(id: $id) { cursor node { status } } }', variables: { id: action.id } },
    {
      next({ data, errors }) {
        if (errors) return reject(new Error(JSON.stringify(errors)));
        seen.push(data.actionUpdated.node.status);
        began();
        if (seen.at(-1) === 'FINALIZED') resolve();
      },
      error: reject,
      complete() {},
    },
  );
});
await Promise.race([beginning, final]);

// What a wallet of EIP-5792 is asked for, recorded where it would reach the wallet.
const batches = [];
const asking = createWalletClient({
  account,
  chain: base,
  transport: custom({
    async request({ method, params }) {
      if (method !== 'wallet_sendCalls') throw new Error(method);
      batches.push(params[0]);
      return { id: '0x1' };
    },
  }),
});

const sent = [];
for (let index = 0; index < action.steps.length; index += 1) {
  const step = action.steps[index];
  if (step.status !== 'READY') throw new Error(JSON.stringify(action));
  let proof;
  if (step.__typename === 'SignTypedDataStep') {
    proof = { signature: await account.signTypedData(step.typedData) };
  } else {
    const calls = step.calls.map(({ to, data, value }) => ({ to, data, value: BigInt(value) }));
    await asking.sendCalls({ calls, forceAtomic: step.atomicRequired, capabilities: step.capabilities ?? undefined });
    for (const call of calls) {
      sent.push(await wallet.sendTransaction(call));
      const receipt = await chain.waitForTransactionReceipt({ hash: sent.at(-1), timeout: 60_000 });
      if (receipt.status !== 'success') throw new Error(`${sent.at(-1)} reverted`);
    }
    proof = { txHash: sent.at(-1) };
  }
  action = await ask(`mutation ($input: ConfirmActionInput!) { confirmAction(input: $input) { ${ACTION} } }`, {
    actionId: action.id,
    step: index,
    proof,
  });
}
await final;
await listener.dispose();
console.log(JSON.stringify({ seen, sent, batches, kinds: action.steps.map(({ __typename }) => __typename) }));
process.exit(0);
