// anvil's accounts, whose keys the whole world knows. Never send them anything of value.
import { type Account, type Address, type Chain, createPublicClient, createWalletClient, custom, type Hex } from 'viem';
import { type HDAccount, mnemonicToAccount } from 'viem/accounts';
import { base } from 'viem/chains';
import { rpc } from './node';

const MNEMONIC = 'test test test test test test test test test test test junk';
const SHOWN = 5;

export const accounts: readonly HDAccount[] = Array.from({ length: SHOWN }, (_, addressIndex) =>
  mnemonicToAccount(MNEMONIC, { addressIndex }),
);

export function accountOf(address: unknown): HDAccount | undefined {
  return accounts.find((account) => account.address.toLowerCase() === String(address).toLowerCase());
}

const transport = custom({ request: ({ method, params }: { method: string; params?: unknown[] }) => rpc(method, params) });
const node = createPublicClient({ chain: base, transport });

export interface Transaction {
  readonly to: Address;
  readonly data: Hex;
  readonly value: bigint;
}

/** What happens if it is sent now: the gas it takes, or why it fails. */
export async function tryOut(account: Account, transaction: Transaction): Promise<{ gas: bigint } | { fails: string }> {
  try {
    return { gas: await node.estimateGas({ account, ...transaction }) };
  } catch (error) {
    const { shortMessage, details } = error as { shortMessage?: string; details?: string };
    return { fails: details ?? shortMessage ?? 'it reverts' };
  }
}

/** Signs and sends it; gas as it was tried out and a fifth more, else what any swap can take. */
export function sendSigned(account: Account, transaction: Transaction, gas: bigint | null): Promise<Hex> {
  const wallet = createWalletClient<typeof transport, Chain>({ chain: base, transport });
  return wallet.sendTransaction({ account, ...transaction, gas: gas === null ? 1_000_000n : (gas * 6n) / 5n });
}
