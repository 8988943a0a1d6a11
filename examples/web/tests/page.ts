// The page as somebody uses it, and what must hold wherever they are.
import AxeBuilder from '@axe-core/playwright';
import { type BrowserContext, expect, type Page, test as plain } from '@playwright/test';
import { standStill } from './chain';

/** What is told by the browser's console, which nothing of ours may fill, except as a test expects. */
export const test = plain.extend<{ complaints: string[]; expected: RegExp[] }>({
  expected: async ({}, use) => use([]),
  complaints: [
    async ({ page, expected }, use) => {
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      await use(complaints);
      expect(complaints.filter((text) => !expected.some((pattern) => pattern.test(text)))).toEqual([]);
    },
    { auto: true },
  ],
});

test.beforeAll(async () => {
  await standStill();
});

export { expect };

export const approve = (page: Page) => page.getByRole('button', { name: 'Approve' }).click();
export const reject = (page: Page) => page.getByRole('button', { name: 'Reject' }).click();

/** Signs in with the development account of this index. */
export async function signIn(page: Page, account: number): Promise<void> {
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Continue with Development wallet' }).click();
  await page.getByRole('radio').nth(account).check();
  await approve(page);
  await expect(page.getByText('wants you to sign in')).toBeVisible();
  await approve(page);
  await expect(page).toHaveURL(/\/swap$/);
}

/** Writes a swap and has it prepared. */
export async function prepare(page: Page, amount: string, { pay = 'ETH', receive = 'USDC' } = {}): Promise<void> {
  await page.getByLabel('Token to pay with').selectOption({ label: pay });
  await page.getByLabel('Token to receive').selectOption({ label: receive });
  await page.getByLabel('You pay').fill(amount);
  await expect(page.getByTestId('bound')).toBeVisible();
  await page.getByRole('button', { name: 'Review swap' }).click();
  await expect(page).toHaveURL(/\/swap\/act_/);
  await stands(page, 'AWAITING_USER');
}

export const send = (page: Page) => page.getByRole('button', { name: 'Send from your wallet' }).click();
export const sign = (page: Page) => page.getByRole('button', { name: 'Sign in your wallet' }).click();

export async function stands(page: Page, status: string, revision?: number): Promise<void> {
  const stage = page.getByTestId('stage');
  await expect(stage).toHaveAttribute('data-status', status);
  if (revision !== undefined) await expect(stage).toHaveAttribute('data-revision', String(revision));
}

/** The hash of the swap that the page remembers of its last action. */
export async function sentHash(page: Page): Promise<`0x${string}`> {
  return page.evaluate(() => {
    const [entry] = JSON.parse(localStorage.getItem('colonnade.swaps') ?? '[]') as { hashes: Record<string, `0x${string}`> }[];
    return Object.values(entry?.hashes ?? {}).at(-1) ?? '0x';
  });
}

/** No violation that axe knows, in the state that the page is in, and nothing to scroll sideways. */
export async function fine(page: Page): Promise<void> {
  await page.evaluate(() => document.getAnimations().forEach((animation) => animation.effect?.getComputedTiming().iterations === Infinity ? animation.cancel() : animation.finish()));
  // Our pages have no frames: to look where they are finds the same, in a third of the time that a page of axe's own takes.
  expect(page.frames()).toHaveLength(1);
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([]);
  await narrow(page);
}

export async function narrow(page: Page): Promise<void> {
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(beyond, 'nothing reaches beyond the page').toBe(0);
}

/** Has the answers to an operation wait until they are released; `answered`: the server gave the first. */
export async function held(page: Page, operation: string) {
  let answer = () => {};
  let release = () => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes(`${operation}(`)) return route.continue();
    const response = await route.fetch();
    answer();
    await released;
    return route.fulfill({ response });
  });
  return { answered, release: () => release() };
}

/** Closes the page's sockets, as a gateway does, and opens no other until it is told to. */
export async function severable(context: BrowserContext) {
  const open = new Set<{ close(): Promise<void> }>();
  let severed = false;
  await context.routeWebSocket(/\/graphql$/, (socket) => {
    if (severed) return void socket.close();
    const server = socket.connectToServer();
    open.add(socket);
    server.onClose(() => void socket.close());
    return undefined;
  });
  return {
    async sever() {
      severed = true;
      for (const socket of open) await socket.close();
      open.clear();
    },
    mend() {
      severed = false;
    },
  };
}
