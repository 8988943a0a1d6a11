// The pictures of the READMEs, made anew where UPDATE_PICTURES=1 asks for it: `docs/pictures`.
import { buyBack, height, letWhaleBuy, mine, moveThePrice } from './chain';
import { approve, expect, prepare, send, signIn, stands, test } from './page';

const FOLDER = '../../docs/pictures';
/** Whole ether that somebody else buys, or sells where it is negative, block by block. */
const WALK = [12, 20, -8, 15, 24, -12, -18, 9, 26, 14, -6, 18, 30, -15, -22, -28, 10, -9, -24, -30, 6, -12, -20, 14, 22, -8, 18, 28, 24, -10, 16, -14, 20, 32, -12, 9, 26, -16, 12, 24, -9, 15, 22, -6];

test.use({ deviceScaleFactor: 2 });
test.skip(process.env['UPDATE_PICTURES'] !== '1', 'pictures are made where they are asked for');

test('pictures of every view', async ({ page }, { project }) => {
  test.setTimeout(240_000);
  const picture = async (name: string) => {
    await page.mouse.move(0, 0);
    await page.waitForTimeout(900); // what rises has risen
    await page.screenshot({ path: `${FOLDER}/web-${name}-${project.name}.png`, scale: project.name.startsWith('phone') ? 'device' : 'css' });
  };
  await page.goto('/sign-in');
  await expect(page.getByRole('button', { name: 'Continue with Development wallet' })).toBeVisible();
  await picture('sign-in');
  await signIn(page, 1);
  await letWhaleBuy();
  await page.goto('/');
  for (const ether of WALK) {
    await (ether > 0 ? buyBack(ether) : moveThePrice(-ether));
    await expect(page.getByTestId('liveness')).toContainText(`Block ${(await height()).toLocaleString('en')}`);
  }
  await picture('market');
  await page.getByRole('link', { name: 'Swap', exact: true }).click();
  await page.getByLabel('You pay').fill('1.25');
  await expect(page.getByTestId('bound')).toBeVisible();
  await prepare(page, '1.25');
  await send(page);
  await approve(page);
  await stands(page, 'CONFIRMED', 0);
  await expect(page.getByText('You received')).toBeVisible();
  await picture('swap');
  await mine(3);
  await stands(page, 'FINALIZED');
  await page.getByRole('link', { name: 'See it in your history' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: '1.25 ETH' }).first()).toContainText('Final');
  await picture('history');
});
