// The pictures of the READMEs, made anew where UPDATE_PICTURES=1 asks for it: `docs/pictures`.
import { buyBack, letWhaleBuy, mine, moveThePrice } from './chain';
import { approve, expect, prepare, send, signIn, stands, test } from './page';

const FOLDER = '../../docs/pictures';
const WALK = [40, -60, 90, 30, -140, -60, 50, 80, -30, -90, 120, 60, -50, -110, 40, 70, -20, -80, 100, 50, -130, -40, 60, 30, -70, -90, 110, 80, -60, 20, -50, 90, -120, -30, 70, 40, -80, 60, -110, 50, 30, -60, 80, -40];

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
    await (ether > 0 ? moveThePrice(ether) : buyBack(-ether));
    await page.waitForTimeout(750); // the feed sends twice a second at most
  }
  await picture('market');
  await page.getByRole('link', { name: 'Swap', exact: true }).click();
  await page.getByLabel('You pay').fill('1.25');
  await expect(page.getByTestId('bound')).toBeVisible();
  await picture('quote');
  await prepare(page, '1.25');
  await send(page);
  await picture('wallet');
  await approve(page);
  await stands(page, 'CONFIRMED', 0);
  await expect(page.getByText('You received')).toBeVisible();
  await picture('swap');
  await mine(3);
  await stands(page, 'FINALIZED');
  await picture('final');
  await page.getByRole('link', { name: 'See it in your history' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: '1.25 ETH' }).first()).toContainText('Final');
  await picture('history');
});
