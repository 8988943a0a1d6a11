// Follows a book in GraphiQL: node graphiql_follow.mjs PORT EXECUTABLE BOOK EVENT
// It prints a line when the snapshot is seen, and one with everything else when the event is.
import { chromium } from 'playwright-core';

const [port, executablePath, book, event] = process.argv.slice(2);
const query = `subscription { noteAdded(book: "${book}") { node { text } } }`;
// A certificate that is made for a test has nobody to vouch for it.
const args = ['--no-sandbox', '--disable-gpu', '--ignore-certificate-errors'];
const browser = await chromium.launch({ executablePath, args });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const complaints = [];
  const sockets = [];
  const posted = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('websocket', (socket) => sockets.push(socket.url()));
  page.on('request', (request) => request.postData()?.includes('noteAdded') && posted.push(request.url()));

  page.setDefaultTimeout(60_000);
  const introspected = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.goto(`http://localhost:${port}/graphql#query=${encodeURIComponent(query)}`);
  await page.locator('.graphiql-execute-button').waitFor();
  await page.locator('.graphiql-query-editor .view-lines').getByText('noteAdded').first().waitFor();
  await introspected;
  // GraphiQL learns what kind of operation the editor holds a while after it shows it; clicked before, it would post.
  await page.waitForTimeout(1_500);
  await page.locator('.graphiql-execute-button').click();

  const shown = (text) => page.locator('.graphiql-response .view-lines').getByText(text).first().waitFor();
  await shown('snapshot');
  console.log('snapshot');
  await shown(event);
  console.log(JSON.stringify({ complaints, sockets, posted }));
} finally {
  await browser.close();
}
