// Opens the built site as a file, searches it, and reports what it asked for, complained of and found.
// node site_session.mjs EXECUTABLE SITE WORD
import { chromium } from 'playwright-core';

const [executablePath, site, word] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const requests = [];
  const complaints = [];
  const backgrounds = [];
  const sideways = [];
  for (const [colorScheme, width] of [['light', 1280], ['dark', 390]]) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 844 } });
    page.on('request', (request) => requests.push(request.url()));
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    for (const path of ['architecture.html', 'reference/schema-trading.html', 'index.html']) {
      await page.goto(`file://${site}/${path}`);
      await page.locator('h1').first().waitFor();
      if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) sideways.push(`${path} at ${width}`);
    }
    backgrounds.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    if (width > 1000) {
      await page.locator('.md-search__input').click();
      await page.locator('.md-search__input').pressSequentially(word);
      await page.locator('.md-search-result__link').first().waitFor();
      var found = await page.locator('.md-search-result__link').evaluateAll((links) => links.map((link) => link.href));
    }
    await page.close();
  }
  console.log(JSON.stringify({ requests, complaints, backgrounds, sideways, found }));
} finally {
  await browser.close();
}
