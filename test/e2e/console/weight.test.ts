import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { settled, startBrowser, visit } from '../../support/browser.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
const MOST_KILOBYTES = 300;

/** The browser's own: https://developer.mozilla.org/en-US/docs/Web/API/PerformanceNavigationTiming */
const TIMINGS = `(() => {
  const [navigation] = performance.getEntriesByType('navigation');
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  return {
    responseMs: Math.round(navigation.responseEnd),
    interactiveMs: Math.round(navigation.domInteractive),
    loadMs: Math.round(navigation.loadEventEnd),
    firstContentfulPaintMs: Math.round(paint.startTime),
  };
})()`;

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

test(`the login page loads at most ${MOST_KILOBYTES} KB, compressed`, async () => {
  const context = await visit(browser, ready);
  try {
    const page = await context.newPage();
    const files = new Map<string, Promise<Buffer>>();
    page.on('response', (response) => {
      if (response.status() === 200 && !response.url().includes('/api/')) files.set(response.url(), response.body());
    });
    await page.goto('/login');
    await settled(page);
    const sizes = await Promise.all(
      [...files].map(async ([url, body]) => ({
        file: new URL(url).pathname,
        bytes: gzipSync(await body, { level: 6 }).length,
      })),
    );
    const kilobytes = sizes.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
    const timings = await page.evaluate(TIMINGS);
    process.stdout.write(`${JSON.stringify({ kilobytes, timings, files: sizes }, null, 2)}\n`);
    expect(files.size).toBeGreaterThan(3);
    expect(kilobytes).toBeLessThanOrEqual(MOST_KILOBYTES);
  } finally {
    await context.close();
  }
});
