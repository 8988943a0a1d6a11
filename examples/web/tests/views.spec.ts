import { mine } from './chain';
import { expect, fine, narrow, test } from './page';

test('every view is fine for strangers', async ({ page }) => {
  await page.goto('/');
  await mine();
  await expect(page.getByTestId('price')).toContainText(/\d/);
  await page.getByText('As a table').click();
  await fine(page);
  await page.goto('/sign-in');
  await expect(page.getByRole('button', { name: 'Continue with Development wallet' })).toBeVisible();
  await fine(page);
  await page.goto('/swap');
  await page.getByLabel('You pay').fill('2.5');
  await expect(page.getByTestId('bound')).toBeVisible();
  await fine(page);
});

test('no view reaches beyond 360 pixels', async ({ page }, { project }) => {
  test.skip(project.name !== 'phone-dark', 'one theme is as wide as the other');
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of ['/', '/swap', '/history', '/sign-in', '/nowhere']) {
    await page.goto(path);
    await expect(page.getByRole('heading').first()).toBeAttached();
    if (path === '/swap') {
      await page.getByLabel('You pay').fill('123456.789012345');
      await expect(page.getByTestId('bound')).toBeVisible();
    }
    await narrow(page);
  }
});

test('all of it is reached and used with the keyboard, each target large enough for a thumb', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the view' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#main$/);
  await page.goto('/swap');
  await expect(page.getByLabel('You pay')).toBeVisible();
  const small = await page.locator('a:visible, button:visible, select:visible, summary:visible').evaluateAll((targets) =>
    targets
      .map((target) => ({ target, box: target.getBoundingClientRect() }))
      .filter(({ target, box }) => target.className !== 'skip' && (box.height < 43.5 || box.width < 43.5))
      .map(({ target, box }) => `${target.outerHTML.slice(0, 80)} ${box.width}×${box.height}`),
  );
  expect(small).toEqual([]);
  const theme = page.getByRole('button', { name: /^Use the (dark|light) theme$/ });
  const before = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await theme.focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).not.toBe(before);
  await fine(page);
  await page.reload();
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).not.toBe(before);
});
