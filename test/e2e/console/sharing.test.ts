import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { logIn, settled, startBrowser } from '../../support/browser.ts';
import { onPage, open } from '../../support/console-pages.ts';
import { createUser } from '../../support/console-user.ts';
import { importInto, postJson } from '../../support/gateway.ts';
import { keepOutOfLogs } from '../../support/log-secrets.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
/** In names of models, which logs hold. */
const MARK = Date.now().toString(36);
const SIGN_IN_UPSTREAM = `sign-in-${MARK}`.slice(0, 40);
const SECRET = `sk-sandbox-upstream-credential-of-${MARK}`;
const MODEL = `shared-${MARK}`;

let browser: Browser;
let user: { username: string; password: string };
beforeAll(async () => {
  keepOutOfLogs('a contributed key', SECRET);
  browser = await startBrowser();
  user = await createUser(ready, 'sharer');
  await importInto(ready, {
    upstreams: [
      {
        name: SIGN_IN_UPSTREAM,
        format: 'openai-chat',
        vendor: 'openai-compatible',
        baseUrl: `${ready.sandboxUrl}/v1`,
        oauth: {
          tokenUrl: `${ready.sandboxUrl}/oauth/token`,
          authorizeUrl: `${ready.sandboxUrl}/oauth/authorize`,
          clientId: 'sandbox-client',
          redirectUri: 'http://localhost:1/callback',
        },
      },
    ],
    models: [{ name: MODEL, class: 'chat', routes: [{ upstream: SIGN_IN_UPSTREAM, model: 'sandbox-chat--words-5' }] }],
  });
});
afterAll(() => browser.close());

const drawer = (page: Page) => page.getByRole('dialog', { name: 'Credential', exact: true });

/** A call of the user's own, which their credential serves: no operator has one at this upstream. */
async function chat(): Promise<number> {
  const { body } = await postJson(`${ready.url}/api/auth/login`, user);
  const token = String(body['access_token']);
  keepOutOfLogs('an access token', token);
  const call = { model: MODEL, messages: [{ role: 'user', content: 'Say something.' }] };
  const headers = { authorization: `Bearer ${token}` };
  return (await postJson(`${ready.url}/v1/chat/completions`, call, headers)).status;
}

test('a user brings a key, shares it, sees what it gives and takes, and takes it away', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, user);
    await open(page, 'My credentials');
    await page.getByText('decided by its owner').waitFor();
    await page.getByText('No credentials of your own').waitFor();

    await page.getByRole('button', { name: 'Add API key' }).first().click();
    const adding = page.getByRole('dialog', { name: 'Add API key' });
    await adding.getByRole('button', { name: 'Add API key' }).click();
    await adding.getByText('Choose an upstream').waitFor();
    await adding.getByLabel('Upstream').click();
    await page.getByRole('option', { name: SIGN_IN_UPSTREAM }).click();
    await adding.getByLabel('Name').fill('My own');
    await adding.getByLabel('API key', { exact: true }).fill(SECRET);
    await adding.getByLabel('Tokens a day').fill('1000000');
    await adding.getByRole('button', { name: 'Add API key' }).click();
    await adding.waitFor({ state: 'hidden' });
    const row = page.getByRole('row', { name: 'My own' });
    await row.getByText('Own', { exact: true }).waitFor();
    expect(await chat()).toBe(200);

    await row.getByRole('button', { name: 'My own' }).click();
    await page.waitForURL((url) => url.searchParams.has('account'));
    await drawer(page).getByLabel('Share with everybody here').click();
    const sharing = page.getByRole('dialog', { name: 'Share this credential?' });
    await sharing.getByText("its provider's terms").waitFor();
    await sharing.getByRole('button', { name: 'Share it' }).click();
    await sharing.waitFor({ state: 'hidden' });
    await row.getByText('Shared', { exact: true }).waitFor();

    await drawer(page).getByLabel('Name', { exact: true }).fill('Ours');
    await drawer(page).getByRole('button', { name: 'Rename' }).click();
    await drawer(page).getByRole('heading', { name: 'Ours' }).waitFor();
    const ofModel = drawer(page).getByLabel(`Use for ${MODEL}`);
    await ofModel.press('Space');
    await settled(page);
    await page.reload();
    await settled(page);
    expect(await ofModel.isChecked()).toBe(false);
    await ofModel.press('Space');
    await settled(page);
    await drawer(page).getByRole('button', { name: 'Close details' }).click();

    const preferShared = page.getByLabel('Shared ones before my own');
    await preferShared.click();
    await settled(page);
    await page.reload();
    await settled(page);
    expect(await preferShared.isChecked()).toBe(true);

    await open(page, 'Shared pool');
    const own = page.getByRole('region', { name: 'Your quota' });
    await own.getByText(MODEL).waitFor();
    await own.getByText(/of 2$/).waitFor();
    await page.getByRole('region', { name: 'What is in the pool' }).getByRole('row', { name: MODEL }).waitFor();
    const log = page.getByRole('region', { name: 'Consumption' });
    await log.getByRole('row', { name: MODEL }).waitFor();
    await log.getByLabel('To', { exact: true }).fill('2020-01-31');
    await log.getByText('No such call in these days.').waitFor();
    await page.waitForURL((url) => url.searchParams.get('to') === '2020-01-31');
    await log.getByRole('button', { name: 'All days' }).click();
    await log.getByRole('row', { name: MODEL }).waitFor();

    await open(page, 'My credentials');
    await page.getByRole('button', { name: 'Ours' }).click();
    await drawer(page).getByRole('button', { name: 'Delete' }).click();
    const deleting = page.getByRole('dialog', { name: 'Delete this credential?' });
    await deleting.getByText('serves nobody any longer').waitFor();
    await deleting.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No credentials of your own').waitFor();
  });
}, 150_000);

test('a user signs in at a provider and pastes back where the browser was sent', async () => {
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, user);
    await open(page, 'My credentials');
    await page.getByRole('button', { name: 'Sign in' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Sign in' });
    await dialog.getByLabel('Upstream').click();
    await page.getByRole('option', { name: SIGN_IN_UPSTREAM }).click();
    await dialog.getByLabel('Name (optional)').fill('Signed in');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    const address = await dialog.getByRole('link', { name: 'Open the sign-in page' }).getAttribute('href');
    const back = (await fetch(address ?? '', { redirect: 'manual' })).headers.get('location') ?? '';
    expect(back).toContain('code=');

    await dialog.getByLabel('Address that you were sent to').fill(back);
    await dialog.getByRole('button', { name: 'Finish' }).click();
    await page.getByText('“Signed in” is signed in.').waitFor();

    await page.getByRole('button', { name: 'Signed in' }).click();
    await drawer(page).getByRole('button', { name: 'Sign in again' }).waitFor();
    await drawer(page).getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog', { name: 'Delete this credential?' }).getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Signed in' }).waitFor({ state: 'detached' });
  });
}, 90_000);
