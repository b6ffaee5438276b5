import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { logIn, settled, startBrowser } from '../../support/browser.ts';
import { isDrawn, onPage, open } from '../../support/console-pages.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

async function makeImage(prompt: string): Promise<void> {
  const response = await fetch(`${ready.url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ready.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sandbox-image', prompt }),
  });
  expect(response.status).toBe(200);
}

test('images are looked at, large and by the arrow keys, deleted one by one and all at once', async () => {
  for (const prompt of ['A boat', 'A lock', 'A mill']) await makeImage(prompt);
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await open(page, 'Media');
    const cards = page.getByRole('list', { name: 'Gallery' }).getByRole('listitem');
    await cards.nth(2).waitFor();
    const count = await cards.count();
    await page.getByText(new RegExp(`${count} images, `)).waitFor();

    await cards
      .first()
      .getByRole('button', { name: /^Open the image/ })
      .click();
    const large = page.getByRole('dialog', { name: 'Preview' });
    await large.getByText(`1 of ${count}`).waitFor();
    const picture = large.getByRole('img', { name: /^Image of/ });
    await isDrawn(picture);
    await page.keyboard.press('ArrowRight');
    await large.getByText(`2 of ${count}`).waitFor();
    expect(new URL(page.url()).searchParams.get('open')).toMatch(/\.png$/);
    await page.keyboard.press('Escape');
    await large.waitFor({ state: 'detached' });

    await cards
      .first()
      .getByRole('button', { name: /^Actions/ })
      .click();
    await page.getByRole('menuitem', { name: 'Copy address' }).click();
    await page.getByText('The address is copied.').waitFor();
    await cards
      .first()
      .getByRole('button', { name: /^Actions/ })
      .click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog', { name: 'Delete this image?' }).getByRole('button', { name: 'Delete' }).click();
    await cards.nth(count - 1).waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Delete all images' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete all' }).click();
    await page.getByText('No images', { exact: true }).waitFor();
    await settled(page);
    expect(await cards.count()).toBe(0);
  });
}, 120_000);
