import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { SANDBOX_CREDENTIAL } from '../../../infra/local/sandbox/demo-document.ts';
import { DESK, logIn, startBrowser, visit, watchForFaults } from '../../support/browser.ts';
import { adminClient, marker, type AdminClient } from '../../support/gateway.ts';
import { keepOutOfLogs } from '../../support/log-secrets.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
const SOME = Date.now().toString(36);
let browser: Browser;
let admin: AdminClient;

beforeAll(async () => {
  browser = await startBrowser();
  admin = await adminClient(ready);
});
afterAll(() => browser.close());

/** As an operator. Refusals that a flow asks for are told by the browser too, and are no faults of the page. */
async function asOperator(run: (page: Page) => Promise<void>): Promise<void> {
  const context = await visit(browser, ready, DESK);
  try {
    const page = await context.newPage();
    const faults = watchForFaults(page);
    await logIn(page, ready.admin);
    await run(page);
    expect(faults.filter((fault) => !/status of 4\d\d/.test(fault))).toEqual([]);
  } finally {
    await context.close();
  }
}

async function choose(page: Page, box: Locator, option: string | RegExp): Promise<void> {
  await box.click();
  await page.getByRole('option', { name: option }).click();
}

function dialog(page: Page, name: string | RegExp): Locator {
  return page.getByRole('dialog', { name });
}

/** The sandbox takes keys that begin with its own one. */
function newSecret(beginning: string): string {
  const secret = `${beginning}-${marker()}`;
  keepOutOfLogs('a key of an upstream', secret);
  return secret;
}

async function confirm(page: Page, title: string | RegExp, button: string): Promise<void> {
  await dialog(page, title).getByRole('button', { name: button }).click();
  await dialog(page, title).waitFor({ state: 'detached' });
}

test('an upstream of a new server, a key that does not work and one that does; settings, the switch, the end', async () => {
  const upstream = `own-${SOME}`;
  await asOperator(async (page) => {
    await page.goto('/credentials');
    await page.getByRole('button', { name: 'Add credential' }).first().click();
    const add = dialog(page, 'Add a credential');
    await choose(page, add.getByRole('combobox', { name: 'Upstream' }), /^OpenAI-compatible server/);
    await add.getByRole('button', { name: 'Make the upstream' }).click();
    await add.getByText('Enter the whole address').waitFor();
    await add.getByLabel('Name of the upstream').fill(upstream);
    await add.getByLabel('Base address').fill(`${ready.sandboxUrl}/v1`);
    await add.getByRole('button', { name: 'Make the upstream' }).click();
    await add.getByRole('radio', { name: 'API key' }).check();
    await add.getByRole('button', { name: 'Seal and add' }).click();
    await add.getByText('Paste the whole key').waitFor();
    await add.getByLabel('Name', { exact: true }).fill('team-a');
    await add.getByLabel('API key', { exact: true }).last().fill(newSecret('sk-mistyped'));
    await add.getByRole('button', { name: 'Seal and add' }).click();
    await add.getByText('team-a is added').waitFor();
    await add.getByText('It does not work').waitFor();
    await add.getByText(/Incorrect API key provided/).waitFor();
    await add.getByRole('button', { name: 'Open it' }).click();

    const drawer = dialog(page, 'Credential');
    await drawer.getByRole('heading', { name: 'team-a' }).waitFor();
    await drawer.getByText('Refused', { exact: true }).waitFor();
    await drawer.getByRole('button', { name: 'Replace the secret' }).click();
    await drawer.getByLabel('Tag').fill('blue');
    await drawer.getByLabel('Requests per minute').fill('90');
    await drawer.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('The change is saved.').waitFor();
    await drawer.getByLabel('API key', { exact: true }).fill(newSecret(SANDBOX_CREDENTIAL));
    await drawer.getByRole('button', { name: 'Replace' }).click();
    await confirm(page, 'Replace the secret?', 'Replace');
    await drawer.getByText('It works').waitFor();
    await drawer.getByRole('tab', { name: 'Overview' }).click();
    await drawer.getByText('It serves requests').waitFor();
    await drawer.getByRole('button', { name: 'Test' }).click();
    await drawer.getByText('It works').waitFor();
    await drawer.getByRole('switch', { name: 'In use' }).click({ force: true });
    await drawer.getByText('Disabled', { exact: true }).waitFor();
    await drawer.getByRole('tab', { name: 'History' }).click();
    await drawer.getByText('disabled by an operator').waitFor();
    await drawer.getByText('given another secret by an operator').waitFor();

    // A link to this very part.
    await page.reload();
    await drawer.getByText('disabled by an operator').waitFor();
    await drawer.getByRole('tab', { name: 'Overview' }).click();
    await drawer.getByText('Requests per minute: 90').waitFor();
    await drawer.getByRole('tab', { name: 'Settings' }).click();
    await drawer.getByRole('button', { name: 'Delete the credential' }).click();
    await confirm(page, 'Delete team-a?', 'Delete the credential');
    await drawer.waitFor({ state: 'detached' });
  });
  const { body } = await admin.call('GET', `/api/admin/credentials?upstream=${upstream}`);
  expect(body['data']).toEqual([]);
}, 240_000);

/** What the browser would be sent to after signing in as this account. */
async function signInAt(address: string, account: string): Promise<string> {
  const answer = await fetch(`${address}&login_hint=${account}`, { redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}

test('an account signs in, its tokens are refreshed, and it signs in anew; what goes wrong is explained', async () => {
  const upstream = `signin-${SOME}`;
  const account = `ann-${SOME}`;
  const fields = { format: 'openai-chat', vendor: 'openai-compatible', baseUrl: `${ready.sandboxUrl}/v1` };
  await admin.call('PUT', `/api/admin/upstreams/${upstream}`, fields);
  await asOperator(async (page) => {
    await page.goto('/credentials?add=true');
    const add = dialog(page, 'Add a credential');
    await choose(page, add.getByRole('combobox', { name: 'Upstream' }), new RegExp(`^${upstream}`));
    await add.getByRole('radio', { name: 'Sign in' }).check();
    await add.getByLabel('Address to sign in at').fill(`${ready.sandboxUrl}/oauth/authorize`);
    await add.getByLabel('Token endpoint').fill(`${ready.sandboxUrl}/oauth/token`);
    await add.getByLabel('Client id').fill('sandbox-client');
    await add.getByLabel('Scope').fill('openid email');
    await add.getByRole('button', { name: 'Save the client' }).click();
    await add.getByRole('button', { name: 'Begin to sign in' }).click();
    const open = add.getByRole('link', { name: 'Open the sign-in page' });
    const paste = add.getByRole('textbox', { name: /Paste where you were sent/ });
    await paste.fill('https://localhost/?nothing=here');
    await add.getByRole('button', { name: 'Finish' }).click();
    await add.getByText('There is no code').waitFor();
    await paste.fill('http://localhost/oauth/callback?error=access_denied');
    await add.getByRole('button', { name: 'Finish' }).click();
    await add.getByText('access_denied').waitFor();
    await add.getByRole('button', { name: 'Begin again' }).click();
    await add.getByText(/Good for another 4:5\d/).waitFor();
    await paste.fill(await signInAt((await open.getAttribute('href')) ?? '', account));
    await add.getByRole('button', { name: 'Finish' }).click();
    await add.getByText(`${account}@sandbox.example is added`).waitFor();
    await add.getByText('It works').waitFor();
    await add.getByRole('button', { name: 'Open it' }).click();

    const drawer = dialog(page, 'Credential');
    await drawer.getByRole('tab', { name: 'Tokens' }).click();
    await drawer.getByRole('button', { name: 'Refresh now' }).click();
    await drawer.getByText('Refreshed', { exact: true }).waitFor();
    for (const [who, said] of [
      [`bob-${SOME}`, `and bob-${SOME}@sandbox.example signed in`],
      [account, 'Signed in anew.'],
    ] as const) {
      await drawer.getByRole('button', { name: /^Begin/ }).click();
      const address = await drawer.getByRole('link', { name: 'Open the sign-in page' }).getAttribute('href');
      await drawer.getByRole('textbox', { name: /Paste where/ }).fill(await signInAt(address ?? '', who));
      await drawer.getByRole('button', { name: 'Finish' }).click();
      await drawer.getByText(said).waitFor();
    }
  });
}, 240_000);

test('a refused refresh token is told of, sent once more after a question, and replaced', async () => {
  const upstream = `tokens-${SOME}`;
  const oauth = { tokenUrl: `${ready.sandboxUrl}/oauth/token`, clientId: 'sandbox-client' };
  const fields = { format: 'openai-chat', vendor: 'openai-compatible', baseUrl: `${ready.sandboxUrl}/v1`, oauth };
  await admin.call('PUT', `/api/admin/upstreams/${upstream}`, fields);
  await asOperator(async (page) => {
    await page.goto('/credentials?add=oauth');
    const add = dialog(page, 'Add a credential');
    await choose(page, add.getByRole('combobox', { name: 'Upstream' }), new RegExp(`^${upstream}`));
    await add.getByRole('radio', { name: 'Refresh token' }).check();
    await add.getByLabel('Name', { exact: true }).fill('carol');
    await add.getByLabel('Refresh token', { exact: true }).last().fill(`rt-carol-${SOME}--invalid-grant`);
    await add.getByRole('button', { name: 'Seal and add' }).click();
    await add.getByText('The refresh token is refused for good').waitFor();
    await add.getByRole('button', { name: 'Open it' }).click();

    const drawer = dialog(page, 'Credential');
    await drawer.getByText('The authorization server refused the refresh token for good.').waitFor();
    await drawer.getByRole('button', { name: 'Give it other tokens' }).click();
    await drawer.getByRole('button', { name: 'Send once more' }).click();
    await confirm(page, 'Send the refresh token once more?', 'Send once more');
    await drawer.getByText('The refresh token is refused for good').waitFor();
    await drawer.getByRole('tab', { name: 'Settings' }).click();
    await drawer.getByLabel('Refresh token', { exact: true }).fill(`rt-dora-${SOME}`);
    await drawer.getByRole('button', { name: 'Replace' }).click();
    await confirm(page, 'Replace the secret?', 'Replace');
    await drawer.getByRole('tab', { name: 'Tokens' }).click();
    await drawer.getByRole('button', { name: 'Refresh now' }).click();
    await drawer.getByText('Refreshed', { exact: true }).waitFor();
    await drawer.getByText('Active', { exact: true }).waitFor();
  });
}, 240_000);

/** A refresh that was under way while somebody gave another refresh token: what it brings lies aside. */
async function withTokensAside(upstream: string): Promise<string> {
  const family = `eve-${SOME}--gate`;
  const credential = { upstream, name: 'eve', kind: 'oauth', refreshToken: `rt-${family}` };
  const { body } = await admin.call('POST', '/api/admin/credentials', credential);
  const { id } = body['data'] as { id: string };
  const path = `/api/admin/credentials/${upstream}/${id}`;
  const refresh = admin.call('POST', `${path}/refresh`, {});
  const grants = async (): Promise<number> => {
    const answer = await fetch(`${ready.sandboxUrl}/__oauth?family=${family}`);
    return ((await answer.json()) as { grants: unknown[] }).grants.length;
  };
  while ((await grants()) === 0) await new Promise((resolve) => setTimeout(resolve, 100));
  await admin.call('PATCH', path, { refreshToken: `rt-fay-${SOME}` });
  await fetch(`${ready.sandboxUrl}/__oauth/release`, { method: 'POST', body: JSON.stringify({ family }) });
  await refresh;
  return id;
}

test('tokens that lie aside are taken, and tokens are shown only where the setting says so', async () => {
  const upstream = `aside-${SOME}`;
  const oauth = { tokenUrl: `${ready.sandboxUrl}/oauth/token`, clientId: 'sandbox-client' };
  const fields = { format: 'openai-chat', vendor: 'openai-compatible', baseUrl: `${ready.sandboxUrl}/v1`, oauth };
  await admin.call('PUT', `/api/admin/upstreams/${upstream}`, fields);
  const id = await withTokensAside(upstream);
  await asOperator(async (page) => {
    await page.goto(`/credentials?open=${encodeURIComponent(`${upstream}/${id}`)}&part=tokens`);
    const drawer = dialog(page, 'Credential');
    await drawer.getByText('Another refresh token had been given meanwhile').waitFor();
    await drawer.getByRole('button', { name: 'Use these tokens' }).click();
    await confirm(page, 'Use the tokens that lie aside?', 'Use these tokens');
    await drawer.getByText(/^None\. Tokens that are received/).waitFor();

    await drawer.getByRole('button', { name: 'Reveal' }).click();
    const asked = dialog(page, 'Show the tokens of this credential?');
    await asked.getByRole('button', { name: 'Reveal' }).click();
    await asked.getByText('the setting tokenReveal is off').waitFor();
    await admin.call('PUT', '/api/admin/settings', { tokenReveal: 'on' });
    try {
      await asked.getByRole('button', { name: 'Reveal' }).click();
      await drawer.getByText('For your eyes only').waitFor();
      await drawer
        .getByRole('group', { name: 'Refresh token', exact: true })
        .getByText(/^rt-eve/)
        .waitFor();
      await drawer.getByRole('button', { name: 'Hide them' }).click();
      expect(await drawer.getByText('rt-eve').count()).toBe(0);
    } finally {
      await admin.call('PUT', '/api/admin/settings', { tokenReveal: 'off' });
    }
  });
}, 240_000);
