import { expect } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { DESK, visit, watchForFaults, type Look } from './browser.ts';
import { until } from './gateway.ts';
import type { Ready } from './stack.ts';

/** Runs on a page of a visitor of their own, which must not have complained in the end. */
export async function onPage(
  { browser, ready, look = DESK }: { browser: Browser; ready: Ready; look?: Look },
  run: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await visit(browser, ready, look);
  try {
    const page = await context.newPage();
    const faults = watchForFaults(page);
    await run(page);
    expect(faults).toEqual([]);
  } finally {
    await context.close();
  }
}

/** Opens a page by its entry of the menu. */
export async function open(page: Page, entry: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Main menu' }).getByRole('link', { name: entry, exact: true }).click();
  await page.locator('main h1').first().waitFor();
}

/** The picture is one, and its bytes are there. @throws what the browser says of a picture that it cannot draw */
export async function isDrawn(picture: Locator): Promise<void> {
  await picture.evaluate((image) => (image as unknown as { decode(): Promise<void> }).decode());
}

/** Waits until the tab is called so. */
export async function titled(page: Page, title: string): Promise<void> {
  await until(async () => (await page.title()) === title);
}
