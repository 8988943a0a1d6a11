// Started by the tests of the repository, which bring the stack, the page and the browser: tests/examples/test_web.py.
import { defineConfig } from '@playwright/test';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const desk = { viewport: { width: 1280, height: 800 } };
const inBrowser = /(?<!units)\.spec\.ts$/;

export default defineConfig({
  testDir: 'tests',
  outputDir: process.env['PLAYWRIGHT_OUTPUT'] ?? '../../build/playwright',
  workers: 1, // there is one chain
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    baseURL: process.env['WEB_URL'] ?? 'http://localhost:4173',
    locale: 'en-GB',
    timezoneId: 'UTC',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
    },
  },
  projects: [
    // Each view is seen by day and by night, on a desk and on a phone; every combination would take twice as long.
    { name: 'units', testMatch: /units\.spec\.ts$/ },
    { name: 'desk-light', testMatch: inBrowser, use: { ...desk, colorScheme: 'light' } },
    { name: 'phone-dark', testMatch: /(journey|views|pictures)\.spec\.ts$/, use: { ...phone, colorScheme: 'dark' } },
  ],
});
