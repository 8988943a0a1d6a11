// The chain of the stack, and somebody else who trades on it.
import { type Account, createWalletClient, encodeFunctionData, erc20Abi, type Hex, http, parseAbi } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { base } from 'viem/chains';

const CHAIN = process.env['CHAIN_URL'] ?? '';

const WETH = '0x4200000000000000000000000000000000000006';
const USDC = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913';

export const keyOf = (addressIndex: number) =>
  mnemonicToAccount('test test test test test test test test test test test junk', { addressIndex });

export async function rpc<Result>(method: string, ...params: unknown[]): Promise<Result> {
  const answer = await fetch(CHAIN, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const told = (await answer.json()) as { result: Result; error?: { message: string } };
  if (told.error) throw new Error(`${method}: ${told.error.message}`);
  return told.result;
}

/** From then on there is a block for each transaction, and for nothing else but `mine`. */
export const standStill = () => rpc('evm_setAutomine', true);
/** A block every two seconds, and one for each transaction. */
export const goOn = () => rpc('evm_setIntervalMining', 2);
export const mine = (blocks = 1) => rpc('anvil_mine', `0x${blocks.toString(16)}`);
export const height = async () => Number(await rpc<string>('eth_blockNumber'));

export const sendRaw = (raw: Hex) => rpc<Hex>('eth_sendRawTransaction', raw);

/** A transaction to oneself, signed and not sent. */
export async function signedToSelf(account: Account, nonce: number): Promise<Hex> {
  if (!account.signTransaction) throw new Error('this account cannot sign transactions');
  const request = { to: account.address, nonce, gas: 21_000n, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 9n };
  return account.signTransaction({ ...request, chainId: base.id, type: 'eip1559' });
}

const ROUTER = '0x2626664c2603336E57B271c5C0b26F421741e481';
export const CBETH = '0x2Ae3F1Ec7F1F5012CFEab0185bfc7aa3cf0DEc22';
const FEE = 500; // of WETH's deepest pool with USDC, and of its only one with cbETH
const ABI = parseAbi([
  'function exactInputSingle((address tokenIn, address tokenOut, uint24 fee, address recipient, uint256 amountIn, uint256 amountOutMinimum, uint160 sqrtPriceLimitX96)) payable returns (uint256)',
]);
const whale = keyOf(4);

type Exact = readonly [tokenIn: Hex, tokenOut: Hex, amountIn: bigint, value: bigint];

/** Somebody else's swap through that pool, for as much as comes out. */
function swapped([tokenIn, tokenOut, amountIn, value]: Exact): Promise<Hex> {
  const order = { tokenIn, tokenOut, fee: FEE, recipient: whale.address, amountIn };
  const args = [{ ...order, amountOutMinimum: 0n, sqrtPriceLimitX96: 0n }] as const;
  const data = encodeFunctionData({ abi: ABI, functionName: 'exactInputSingle', args });
  return sent({ to: ROUTER, data, value });
}

/** Sends it and waits for its block. */
async function sent(call: { to: Hex; data: Hex; value: bigint }): Promise<Hex> {
  const wallet = createWalletClient({ account: whale, chain: base, transport: http(CHAIN) });
  const hash = await wallet.sendTransaction({ ...call, gas: 1_000_000n });
  while (!(await rpc('eth_getTransactionReceipt', hash))) await new Promise((resolve) => setTimeout(resolve, 20));
  return hash;
}

/** Somebody else sells so many whole ether: the price falls in the block that holds it. */
export const moveThePrice = (ether: number, tokenOut: Hex = USDC): Promise<Hex> =>
  swapped([WETH, tokenOut, BigInt(ether) * 10n ** 18n, BigInt(ether) * 10n ** 18n]);

/** Somebody else buys about so many whole ether: the price rises. `letWhaleBuy` comes first. */
export const buyBack = (ether: number): Promise<Hex> => swapped([USDC, WETH, BigInt(ether) * 2_500n * 10n ** 6n, 0n]);

export const letWhaleBuy = (): Promise<Hex> =>
  sent({ to: USDC, data: encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [ROUTER, 2n ** 255n] }), value: 0n });
