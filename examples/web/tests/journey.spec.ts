import { height, mine, moveThePrice } from './chain';
import { approve, expect, fine, prepare, send, sign, signIn, stands, test } from './page';

const ACCOUNT: Record<string, number> = { 'desk-light': 2, 'phone-dark': 3 };

test('a stranger signs in, swaps with a permit, sees it become final, and finds it in the history', async ({ page }, { project }) => {
  await page.goto('/history');
  await expect(page.getByText('Sign in to see the swaps of your wallet.')).toBeVisible();
  await fine(page);

  await signIn(page, ACCOUNT[project.name] ?? 0);
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.getByText('No swaps yet.')).toBeVisible();
  await fine(page);
  await page.getByRole('link', { name: 'Make a swap' }).click();

  await prepare(page, '1250.5', { pay: 'USDC', receive: 'WETH' });
  await expect(page.getByRole('list', { name: 'Steps' }).getByRole('listitem')).toHaveCount(2);
  await expect(page.getByTestId('left')).toContainText(/Good for another (20:00|19:\d\d)/);
  await fine(page);
  await sign(page);
  await expect(page.getByRole('dialog')).toContainText('Permit');
  await fine(page);
  await approve(page);
  await send(page);
  await expect(page.getByRole('dialog')).toContainText('Send this transaction?');
  await fine(page);
  await approve(page);

  await stands(page, 'CONFIRMED', 0);
  const block = await height();
  await expect(page.getByTestId('stage')).toContainText(`In block ${block.toLocaleString('en')}`);
  await expect(page.getByTestId('stage')).toContainText('1 block holds it so far');
  await expect(page.getByText('You received')).toBeVisible();
  await fine(page);
  await mine(2);
  await stands(page, 'FINALIZED', 0);
  await expect(page.getByText('Done, for good')).toBeVisible();
  await fine(page);

  await page.getByRole('link', { name: 'See it in your history' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: '1,250.5 USDC' })).toContainText(/WETH.*Final/);
  await expect(page.getByText('Begun here')).toHaveCount(0);
  await fine(page);
  await page.getByRole('link', { name: /^Steps of/ }).click();
  await stands(page, 'FINALIZED', 0);

  await page.getByRole('button', { name: /^Account 0x/ }).click();
  await expect(page.getByText('with Development wallet')).toBeVisible();
  await fine(page);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('link', { name: 'Sign in', exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('link', { name: 'Sign in', exact: true })).toBeVisible();
});

test('the chart moves when the price does, and is read by keys', async ({ page }, { project }) => {
  test.skip(project.name !== 'desk-light', 'a phone has no keys');
  await page.goto('/');
  const price = page.getByTestId('price');
  await expect(price).toContainText(/[\d,]+\.\d\d/);
  const before = await price.textContent();
  await moveThePrice(60);
  await expect(price).not.toHaveText(before ?? '');
  await expect(price).toContainText('−');
  await expect(page.getByTestId('liveness')).toContainText('Live');
  await expect(page.getByTestId('liveness')).toContainText(`Block ${(await height()).toLocaleString('en')}`);
  const reader = page.getByRole('slider', { name: 'WETH price by block' });
  await reader.focus();
  await expect(reader).toHaveAttribute('aria-valuetext', new RegExp(`^Block ${(await height()).toLocaleString('en')},`));
  await page.keyboard.press('ArrowLeft');
  await expect(reader).toHaveAttribute('aria-valuetext', new RegExp(`^Block ${((await height()) - 1).toLocaleString('en')},`));
  await page.getByText('As a table').click();
  await expect(page.getByRole('row').nth(1)).toContainText((await height()).toLocaleString('en'));
  await fine(page);
  await page.getByRole('button', { name: /^cbBTC/ }).click();
  await expect(page.getByRole('heading', { level: 2 }).first()).toContainText('Coinbase Wrapped BTC');
});

