import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { logIn, startBrowser } from '../../support/browser.ts';
import { onPage, open } from '../../support/console-pages.ts';
import { adminClient, marker, openAiClient, userSays } from '../../support/gateway.ts';
import { keepOutOfLogs } from '../../support/log-secrets.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
const RULE = `rule ${marker()}`;
const WEBHOOK = `webhook ${marker()}`;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

test('a webhook is told of a rule that is made, tried, fires and is seen to; both are deleted', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, ready.admin);
    await open(page, 'Alerts');
    await page.getByRole('tab', { name: 'Webhooks' }).click();
    await page.getByRole('button', { name: 'Add webhook' }).first().click();
    const adding = page.getByRole('dialog', { name: 'Add webhook' });
    await adding.getByLabel('Name').fill(WEBHOOK);
    await adding.getByLabel('Address').fill('https://hooks.example.com/alerts');
    await adding.getByRole('button', { name: 'Add webhook' }).click();
    const shown = page.getByRole('dialog', { name: 'What its messages are signed with' });
    keepOutOfLogs('a secret of a webhook', (await shown.locator('pre').first().innerText()).trim());
    await shown.getByRole('button', { name: 'Close' }).click();

    await page.getByRole('tab', { name: 'Rules' }).click();
    await page.getByRole('button', { name: 'Add rule' }).click();
    const making = page.getByRole('dialog', { name: 'Add rule' });
    await making.getByLabel('Name').fill(RULE);
    await making.getByLabel('Figure').click();
    await page.getByRole('option', { name: 'Requests', exact: true }).click();
    await making.getByLabel('Comparison').click();
    await page.getByRole('option', { name: '>=', exact: true }).click();
    await making.getByLabel('Threshold').fill('1');
    await making.getByLabel('Webhooks').focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('option', { name: WEBHOOK }).click();
    await page.keyboard.press('Tab');
    await making.getByRole('button', { name: 'Add rule' }).click();
    await making.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: RULE }).click();
    const changing = page.getByRole('dialog', { name: 'Change rule' });
    await changing.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText(/test notices? (is|are) on (its|their) way/).waitFor();
    await changing.getByRole('button', { name: 'Cancel' }).click();

    const { status } = await openAiClient(ready)
      .chat.completions.create({ model: 'sandbox-chat--words-5', messages: userSays('alert') })
      .asResponse();
    expect(status).toBe(200);
    const admin = await adminClient(ready);
    await admin.call('POST', '/api/admin/schedules/evaluate-alerts/run', {});
    await page.getByRole('tab', { name: 'Now' }).click();
    const card = page.locator('.mantine-Card-root', { hasText: RULE });
    await card.getByRole('button', { name: 'I see to it' }).click();
    const seeing = page.getByRole('dialog', { name: 'I see to it' });
    await seeing.getByLabel('Note (optional)').fill('On it');
    await seeing.getByRole('button', { name: 'I see to it' }).click();
    await card.getByText('On it').waitFor();
    await page.getByRole('tab', { name: 'Notices' }).click();
    await page.getByRole('row', { name: 'Fired' }).first().waitFor();

    await page.getByRole('tab', { name: 'Rules' }).click();
    await page.getByRole('button', { name: RULE }).click();
    await changing.getByRole('button', { name: 'Delete' }).click();
    const deleting = page.getByRole('dialog', { name: 'Delete this rule?' });
    await deleting.getByText(RULE).waitFor();
    await deleting.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: RULE }).waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'Webhooks' }).click();
    const row = page.getByRole('row', { name: WEBHOOK });
    await row.getByRole('button', { name: 'Delete' }).click();
    const ending = page.getByRole('dialog', { name: 'Delete this webhook?' });
    await ending.getByRole('button', { name: 'Delete' }).click();
    await row.waitFor({ state: 'detached' });
  });
}, 150_000);
