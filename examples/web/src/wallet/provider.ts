// What a wallet is to a page (EIP-1193), asked with care: what comes back is looked at before it is used.
import { type Address, getAddress, type Hex, isAddress, isHex, numberToHex, stringToHex } from 'viem';

export interface Eip1193Provider {
  request(asked: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown>;
  on?(event: string, listener: (value: never) => void): unknown;
  removeListener?(event: string, listener: (value: never) => void): unknown;
}

/** What the wallet is to send. */
export interface Call {
  readonly to: Address;
  readonly data: Hex;
  readonly value: string;
}

export class WalletAnswer extends Error {}

const addressOf = (told: unknown): Address | null => {
  const [first] = Array.isArray(told) ? (told as unknown[]) : [];
  return typeof first === 'string' && isAddress(first) ? getAddress(first) : null;
};

function hexOf(told: unknown, bytes?: number): Hex {
  if (isHex(told) && (bytes === undefined || told.length === 2 + 2 * bytes)) return told;
  throw new WalletAnswer('the wallet gave no valid answer');
}

/** Asks the wallet's owner to show an account to this page. */
export async function connect(provider: Eip1193Provider): Promise<Address> {
  const account = addressOf(await provider.request({ method: 'eth_requestAccounts' }));
  if (!account) throw new WalletAnswer('the wallet showed no account');
  return account;
}

/** The account that the wallet shows to this page already; asks nobody. */
export async function shown(provider: Eip1193Provider): Promise<Address | null> {
  return addressOf(await provider.request({ method: 'eth_accounts' }));
}

/** Sees to it that the wallet is on this chain; its owner may be asked. */
export async function onChain(provider: Eip1193Provider, chainId: number): Promise<void> {
  if (Number(await provider.request({ method: 'eth_chainId' })) === chainId) return;
  await provider.request({ method: 'wallet_switchEthereumChain', params: [{ chainId: numberToHex(chainId) }] });
}

export async function signMessage(provider: Eip1193Provider, account: Address, message: string): Promise<Hex> {
  return hexOf(await provider.request({ method: 'personal_sign', params: [stringToHex(message), account] }));
}

export async function signTypedData(provider: Eip1193Provider, account: Address, data: unknown): Promise<Hex> {
  const params = [account, JSON.stringify(data)];
  return hexOf(await provider.request({ method: 'eth_signTypedData_v4', params }));
}

/** The hash of the transaction, which no block may hold yet. */
export async function send(provider: Eip1193Provider, from: Address, { to, data, value }: Call): Promise<Hex> {
  const transaction = { from, to, data, value: numberToHex(BigInt(value)) };
  return hexOf(await provider.request({ method: 'eth_sendTransaction', params: [transaction] }), 32);
}
