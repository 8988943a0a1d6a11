// The chain behind the development wallet: the local one, through the development server of this page, or none.
import { RpcError, walletError } from './wallet_error';

export const RPC = '/development/rpc';

const HERE = new Set(['localhost', '127.0.0.1', '[::1]']);
const CHAIN_ID = 8453;

/** One request. Raises `RpcError` with what the node says. */
export async function rpc<Result>(method: string, params: readonly unknown[] = []): Promise<Result> {
  const answer = await fetch(RPC, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  if (!answer.ok) throw walletError('NO_NODE', `the development server answered ${answer.status}`);
  const told = (await answer.json()) as { result?: Result; error?: { code: number; message: string; data?: unknown } };
  if (told.error) throw new RpcError(told.error.code, told.error.message, told.error.data);
  return told.result as Result;
}

/** Refuses every page but one of this machine, and every chain but anvil's that stands for Base. */
export async function checkNode(): Promise<void> {
  if (!HERE.has(location.hostname))
    throw walletError('NOT_HERE', `these keys are public, so they sign on this machine only, not on ${location.hostname}`);
  const version = await rpc<string>('web3_clientVersion');
  if (!version.startsWith('anvil/')) throw walletError('NOT_ANVIL', `the chain is no development chain, but ${version}`);
  const chainId = Number(await rpc<string>('eth_chainId'));
  if (chainId !== CHAIN_ID) throw walletError('NOT_ANVIL', `the chain is ${chainId}, not ${CHAIN_ID}`);
}
