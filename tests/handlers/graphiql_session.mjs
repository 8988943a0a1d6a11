// Opens GraphiQL in a browser, runs the query the link brings, and reports everything that was asked of a network.
// node graphiql_session.mjs EXECUTABLE URL EXPECTED [SCREENSHOT]
import { chromium } from 'playwright-core';

const [executablePath, url, expected, screenshot] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const requests = [];
  const complaints = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));

  page.setDefaultTimeout(60_000);
  const introspected = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.goto(url);
  await page.locator('.graphiql-execute-button').waitFor();
  await page.locator('.graphiql-query-editor .view-lines').getByText('city').first().waitFor();
  await introspected;

  // GraphiQL takes up the text of its editor a while after it shows it, so the button may come too early.
  const shown = page.locator('.graphiql-response .view-lines').getByText(expected).first();
  for (let tries = 0; !(await shown.isVisible()) && tries < 10; tries += 1) {
    await page.locator('.graphiql-execute-button').click();
    await shown.waitFor({ timeout: 6_000 }).catch(() => {});
  }
  await shown.waitFor({ timeout: 1_000 });
  const response = await page.locator('.graphiql-response .view-lines').innerText();
  if (screenshot) await page.screenshot({ path: screenshot });

  // Completion comes from the GraphQL worker, once it has the schema.
  await page.locator('.graphiql-query-editor .monaco-editor').first().click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' { pa');
  const suggestion = page.locator('.suggest-widget .monaco-list-row').getByText('page').first();
  for (let tries = 0; !(await suggestion.isVisible()) && tries < 60; tries += 1) {
    await page.keyboard.press('Control+Space');
    await page.waitForTimeout(500);
  }
  await suggestion.waitFor({ timeout: 1_000 });

  console.log(JSON.stringify({ requests, complaints, response, workers: page.workers().map((w) => w.url()) }));
} finally {
  await browser.close();
}
