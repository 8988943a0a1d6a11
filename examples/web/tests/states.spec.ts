// What can become of a swap. Each is brought about on the chain or on the wire, nothing is pretended.
import { CBETH, height, keyOf, mine, moveThePrice, rpc, sendRaw, signedToSelf } from './chain';
import { approve, expect, held, prepare, reject, send, sentHash, severable, sign, signIn, stands, test } from './page';

const ACCOUNT = 1;
/** Whoever moves the price. */
const TRADER = 4;

test('a signature that is declined leaves everything as it was', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Continue with Development wallet' }).click();
  await expect(page.getByRole('dialog')).toContainText('Show an account to this page?');
  await page.keyboard.press('Escape');
  await expect(page.getByText('You declined in your wallet. Nothing was signed or sent.')).toBeVisible();

  await signIn(page, ACCOUNT);
  await prepare(page, '10', { pay: 'USDC', receive: 'ETH' });
  await sign(page);
  await reject(page);
  await expect(page.getByText('You declined in your wallet.')).toBeVisible();
  await stands(page, 'AWAITING_USER', 0);
  await page.getByRole('button', { name: 'Call it off' }).click();
  await stands(page, 'CANCELLED');
  await expect(page.getByText('Called off')).toBeVisible();
});

test('a swap that is too late reverts, is warned of before, and says so', async ({ page }) => {
  await signIn(page, ACCOUNT);
  await page.getByRole('radio', { name: '0.1 %' }).check();
  await prepare(page, '1', { pay: 'WETH', receive: 'cbETH' });
  await send(page);
  await approve(page); // of exactly what the swap takes
  await expect(page.getByRole('listitem').filter({ hasText: 'Done' })).toHaveCount(1);
  await moveThePrice(300, CBETH);
  await expect(page.getByText('The price has moved too far')).toBeVisible();
  await send(page);
  await expect(page.getByText('It will probably fail:')).toBeVisible();
  await approve(page);
  await stands(page, 'FAILED');
  await expect(page.getByText('The swap was undone')).toBeVisible();
});

test('a swap that a reorganisation takes back says so, and becomes final in another block', async ({ page }) => {
  await signIn(page, ACCOUNT);
  await mine();
  const other = await signedToSelf(keyOf(0), Number(await rpc('eth_getTransactionCount', keyOf(0).address, 'latest')));
  await prepare(page, '0.5');
  await send(page);
  await approve(page);
  await stands(page, 'CONFIRMED', 0);
  const raw = await rpc<`0x${string}`>('eth_getRawTransactionByHash', await sentHash(page));
  await rpc('anvil_reorg', 1, [[other, 0]]);
  await stands(page, 'SUBMITTED', 1);
  await expect(page.getByText('Taken back by the chain')).toBeVisible();
  await sendRaw(raw);
  await stands(page, 'CONFIRMED', 1);
  await mine(2);
  await stands(page, 'FINALIZED', 1);
});

test('a swap whose place another transaction took says so', async ({ page }) => {
  const account = keyOf(ACCOUNT);
  await signIn(page, ACCOUNT);
  await mine();
  const replacement = await signedToSelf(account, Number(await rpc('eth_getTransactionCount', account.address, 'latest')));
  await prepare(page, '0.25');
  await send(page);
  await approve(page);
  await stands(page, 'CONFIRMED', 0);
  await rpc('anvil_reorg', 1, [[replacement, 0]]);
  await stands(page, 'SUBMITTED', 1);
  await mine();
  await stands(page, 'FAILED', 1);
  await expect(page.getByText('Another transaction took its place')).toBeVisible();
  await page.getByLabel('Hash of the transaction that made it after all').fill('0x1234');
  await page.getByRole('button', { name: 'Check it' }).click();
  await expect(page.getByText('A hash is 0x and 64 digits.')).toBeVisible();
});

test('a swap is prepared once, though its first answer was lost', async ({ page, expected }) => {
  expected.push(/Failed to load resource/);
  await signIn(page, ACCOUNT);
  const keys: string[] = [];
  const ids: string[] = [];
  await page.route('**/graphql', async (route) => {
    const body = route.request().postDataJSON() as { operationName?: string; variables: { input: { idempotencyKey: string } } };
    if (body.operationName !== 'PrepareSwap') return route.continue();
    keys.push(body.variables.input.idempotencyKey);
    const answer = await route.fetch();
    ids.push(((await answer.json()) as { data: { prepareSwap: { id: string } } }).data.prepareSwap.id);
    return keys.length === 1 ? route.abort() : route.fulfill({ response: answer });
  });
  await page.getByLabel('You pay').fill('0.125');
  await page.getByRole('button', { name: 'Review swap' }).click();
  await expect(page.getByText('The server does not answer. Trying again is safe: nothing is done twice.')).toBeVisible();
  await page.getByRole('button', { name: 'Review swap' }).click();
  await stands(page, 'AWAITING_USER');
  expect(new Set(keys).size).toBe(1);
  expect(new Set(ids).size).toBe(1);
});

test('what was sent is handed in after the page was loaded again, and not sent twice', async ({ page, expected }) => {
  expected.push(/Failed to load resource/);
  await signIn(page, ACCOUNT);
  await prepare(page, '0.2');
  let cut = true;
  await page.route('**/graphql', (route) => (cut && route.request().postData()?.includes('ConfirmAction') ? route.abort() : route.continue()));
  await send(page);
  await approve(page);
  await expect(page.getByText('The server does not answer.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Hand in what was sent' })).toBeVisible();
  const sent = await rpc('eth_getTransactionCount', keyOf(ACCOUNT).address, 'latest');
  cut = false;
  await page.reload();
  await stands(page, 'CONFIRMED', 0);
  expect(await rpc('eth_getTransactionCount', keyOf(ACCOUNT).address, 'latest')).toBe(sent);
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.getByText('Begun here')).toBeVisible();
  await expect(page.getByRole('link', { name: '0.2 ETH for USDC', exact: true })).toBeVisible();
});

test('what is begun in one tab is known in the others, and none forgets it', async ({ page, context }) => {
  await signIn(page, ACCOUNT);
  const other = await context.newPage();
  await other.goto('/swap');
  await prepare(page, '0.11');
  await prepare(other, '0.12');
  await page.getByRole('link', { name: 'History' }).click();
  for (const title of ['0.11 ETH for USDC', '0.12 ETH for USDC'])
    await expect(page.getByRole('link', { name: title, exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('link', { name: '0.11 ETH for USDC', exact: true })).toBeVisible();
});

test('a connection that is lost is said, and nothing of what happened meanwhile is missed', async ({ page, context }) => {
  const wire = await severable(context);
  await signIn(page, ACCOUNT);
  await prepare(page, '0.3');
  await send(page);
  await approve(page);
  await stands(page, 'CONFIRMED', 0);
  await wire.sever();
  await expect(page.getByTestId('liveness')).toContainText('Reconnecting');
  await mine(3);
  wire.mend();
  await stands(page, 'FINALIZED', 0);
  await expect(page.getByTestId('liveness')).toContainText('Live');
});

test('a price whose answer came when its block was no longer the newest is asked for again', async ({ page }) => {
  await page.goto('/swap');
  await page.getByLabel('You pay').fill('1');
  await expect(page.getByTestId('bound')).toBeVisible();
  const price = await held(page, 'SwapPrice');
  await mine();
  await price.answered;
  await mine();
  const block = (await height()).toLocaleString('en');
  await expect(page.getByTestId('liveness')).toContainText(`Block ${block}`);
  price.release();
  await expect(page.getByLabel('Price', { exact: true })).toContainText(`block ${block}, renewed with each`);
});

test('what cannot be is said before it is asked for', async ({ page }) => {
  await signIn(page, ACCOUNT);
  await page.getByLabel('You pay').fill('99999999');
  await expect(page.getByRole('button', { name: 'Not enough ETH' })).toBeVisible();
  await page.getByLabel('You pay').fill('1,000');
  await expect(page.getByText('Leave out thousands separators.')).toBeVisible();
  await page.getByLabel('You pay').fill('1');
  await page.getByLabel('Token to receive').selectOption({ label: 'AERO' });
  await expect(page.getByText(/There is no such token|No pool trades these two tokens/)).toBeVisible();
});

test('a session goes on after a reload, and ends for all who held its key where it was used twice', async ({ page, expected }) => {
  expected.push(/Failed to load resource/);
  await signIn(page, ACCOUNT);
  await page.reload(); // the access token lived in memory
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.getByRole('list').first()).toBeVisible();
  await page.evaluate(() => {
    const kept = JSON.parse(localStorage.getItem('colonnade.session') ?? '{}') as { refreshToken: string };
    localStorage.setItem('colonnade.session', JSON.stringify({ ...kept, refreshToken: `${kept.refreshToken.slice(0, -4)}AAAA` }));
  });
  await page.reload();
  await expect(page.getByText('Sign in to see the swaps of your wallet.')).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await expect(page.getByText('Your session was ended for safety: its key was used twice. Sign in again.')).toBeVisible();
});

test('a session that was ended in another tab stays so, though its renewal was on its way', async ({ page, context }) => {
  await signIn(page, ACCOUNT);
  const other = await context.newPage();
  await other.goto('/history');
  await expect(other.getByRole('list').first()).toBeVisible(); // it has an access token, and need not wait for another
  const renewal = await held(page, 'RefreshSession');
  await page.reload();
  await renewal.answered;
  await other.getByRole('button', { name: /^Account 0x/ }).click();
  await other.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('link', { name: 'Sign in', exact: true })).toBeVisible();
  renewal.release();
  const kept = () => navigator.locks.request('colonnade.session', () => localStorage.getItem('colonnade.session'));
  expect(await page.evaluate(kept)).toBeNull();
});

test('older swaps are a button away, each once and in order', async ({ page }) => {
  for (let count = 0; count < 3; count += 1) await moveThePrice(1);
  await signIn(page, TRADER);
  await page.route('**/graphql', (route) => {
    const body = route.request().postDataJSON() as { operationName?: string; variables: object };
    if (body.operationName !== 'Swaps') return route.continue();
    return route.continue({ postData: JSON.stringify({ ...body, variables: { ...body.variables, first: 2 } }) });
  });
  await page.getByRole('link', { name: 'History' }).click();
  const blocks = page.getByText(/^Block [\d,]+$/);
  await expect(blocks).toHaveCount(2);
  await page.getByRole('button', { name: 'Load more' }).click();
  await expect.poll(() => blocks.count()).toBeGreaterThan(2);
  const heights = (await blocks.allTextContents()).map((text) => Number(text.replace(/\D/g, '')));
  expect(heights).toEqual([...new Set(heights)].sort((one, other) => other - one));
});
