// viem's multicall: a hundred reads of a contract in one request. Arguments after an empty one: URL, token, chain.

import { createPublicClient, defineChain, http, parseAbi } from "viem";
import { serve } from "./serving.mjs";

const [url, token, chain] = process.argv.slice(3);
const client = createPublicClient({
  chain: defineChain({
    id: Number(chain),
    name: "local",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [url] } },
    contracts: { multicall3: { address: "0xca11bde05977b3631167028862be2a173976ca11" } },
  }),
  transport: http(url),
});
const abi = parseAbi(["function balanceOf(address owner) view returns (uint256)"]);

await serve({
  read: () => async () => {
    const contracts = Array.from({ length: 100 }, (_, n) => ({
      address: token,
      abi,
      functionName: "balanceOf",
      args: [`0x${(n + 1).toString(16).padStart(40, "0")}`],
    }));
    const answers = await client.multicall({ contracts, allowFailure: false, batchSize: 0 });
    return JSON.stringify(answers.map(String));
  },
});
