// Looks at the start page as people do: phone and desktop, light and dark, with and without scripts.
// node start_page_look.mjs EXECUTABLE URL [FOLDER FOR PICTURES]
import { chromium } from 'playwright-core';

const [executablePath, url, folder] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });

// WCAG 2: the contrast of every text with what lies behind it.
const contrasts = () => {
  const rgb = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) =>
    rgb(colour)
      .slice(0, 3)
      .map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgb(colour)[3] !== 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const texts = [...document.body.querySelectorAll('*')].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()),
  );
  return texts.map((element) => {
    const [one, other] = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
    return { ratio: (one + 0.05) / (other + 0.05), text: element.textContent.slice(0, 40) };
  });
};

const looks = [];
try {
  for (const [size, width] of Object.entries({ phone: 360, desktop: 1280 })) {
    for (const colorScheme of ['light', 'dark']) {
      for (const javaScriptEnabled of [true, false]) {
        const viewport = { width, height: 800 };
        const context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled });
        const page = await context.newPage();
        const requests = [];
        const complaints = [];
        page.on('request', (request) => requests.push(request.url()));
        page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
        page.on('pageerror', (error) => complaints.push(String(error)));
        await page.goto(url);
        const heading = await page.getByRole('heading', { level: 1 }).innerText();
        const headings = await page.getByRole('heading', { level: 2 }).allInnerTexts();
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        const text = await page.locator('main').innerText();
        const faint = (await page.evaluate(contrasts)).filter(({ ratio }) => ratio < 4.5);
        if (folder && javaScriptEnabled) {
          await page.screenshot({ path: `${folder}/${size}-${colorScheme}.png`, fullPage: true });
        }
        looks.push({ size, colorScheme, javaScriptEnabled, heading, headings, wide, width, text, faint, requests, complaints });
        await context.close();
      }
    }
  }
  const page = await browser.newPage();
  await page.goto(url);
  const before = await page.locator('#blocks').innerText();
  await page.waitForFunction((shown) => document.querySelector('#blocks').innerText !== shown, before);
  console.log(JSON.stringify({ looks, before, after: await page.locator('#blocks').innerText() }));
} finally {
  await browser.close();
}
