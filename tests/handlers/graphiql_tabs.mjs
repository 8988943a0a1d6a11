// Opens GraphiQL as `make dev` serves it, runs every tab it begins with, and reports what each showed.
// node graphiql_tabs.mjs EXECUTABLE URL [SCREENSHOT]
import { chromium } from 'playwright-core';

const [executablePath, url, screenshot] = process.argv.slice(2);
const EXPECTED = {
  Price: 'USDC',
  PrepareSwap: 'AWAITING_USER',
  FollowAction: 'AWAITING_USER',
  Swaps: 'transactionHash',
  TokenPrices: 'SNAPSHOT',
  Me: 'linkedAt',
  Platform: 'plugins',
};
const runs = async (button) => (await button.getAttribute('aria-label'))?.startsWith('Stop');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const complaints = [];
  const sockets = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  let sent = null; // what was asked last
  page.on('request', (request) => {
    if (request.postData()?.includes('query')) sent = request.postDataJSON();
  });
  page.on('websocket', (socket) => {
    sockets.push(socket);
    socket.on('framesent', ({ payload }) => {
      const message = JSON.parse(payload);
      if (message.type === 'subscribe') sent = message.payload;
    });
    socket.on('framereceived', ({ payload }) => JSON.parse(payload).type === 'error' && complaints.push(payload));
  });
  page.on('response', (response) => response.status() >= 400 && complaints.push(`${response.status()}: ${response.url()}`));
  page.setDefaultTimeout(60_000);

  const introspected = page.waitForResponse((response) => response.request().postData()?.includes('__schema'));
  await page.goto(url);
  await introspected;
  const tabs = page.locator('.graphiql-tab-button');
  await tabs.first().waitFor();
  const names = (await tabs.allInnerTexts()).map((name) => name.trim());
  const shown = {};
  for (const [place, name] of names.entries()) {
    await tabs.nth(place).click();
    await page.locator('.graphiql-query-editor .view-lines').getByText(name).first().waitFor();
    const response = page.locator('.graphiql-response .view-lines');
    const expected = response.getByText(EXPECTED[name] ?? '"data"').first();
    const button = page.locator('.graphiql-execute-button');
    // GraphiQL takes up the text of its editor a while after it shows it; until then it asks for what was there before,
    // or for this by that text, which is refused.
    for (let tries = 0; tries < 50; tries += 1) {
      const before = complaints.length;
      sent = null;
      await button.click();
      for (let looks = 0; sent === null && looks < 20; looks += 1) await page.waitForTimeout(50);
      if (sent?.operationName === name && sent.query.includes(` ${name}`)) break;
      await page.waitForTimeout(500);
      if (await runs(button)) await button.click();
      complaints.length = before;
    }
    await expected.waitFor().catch(async (problem) => {
      throw new Error(`${name} sent ${JSON.stringify(sent)} and shows ${await response.innerText()}`, { cause: problem });
    });
    shown[name] = (await response.innerText()).replaceAll('\u00a0', ' ');
    if (screenshot && name === 'FollowAction') await page.screenshot({ path: screenshot });
    // A subscription goes on until it is stopped.
    if (await runs(button)) await button.click();
  }
  const signedIn = await page.getByText('Signed in as').innerText().catch(() => null);
  console.log(JSON.stringify({ names, shown, signedIn, complaints, sockets: sockets.map((socket) => socket.url()) }));
} finally {
  await browser.close();
}
