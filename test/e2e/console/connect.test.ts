import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { TOOLS } from '../../../admin-web/src/features/connect/tools.ts';
import { logIn, settled, startBrowser } from '../../support/browser.ts';
import { onPage, open } from '../../support/console-pages.ts';
import { createUser } from '../../support/console-user.ts';
import { keepOutOfLogs } from '../../support/log-secrets.ts';
import { sharedStack } from '../../support/stack.ts';

const ready = sharedStack();
const root = fileURLToPath(new URL('../../../', import.meta.url));
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const scripts = Object.values(TOOLS)
  .flat()
  .filter((tool) => !tool.draws)
  .flatMap((tool) =>
    (tool.streams ? [true, false] : [true]).flatMap((stream) =>
      tool
        .write({ origin: ready.url, apiKey: ready.apiKey, model: 'sandbox-chat', stream })
        .filter(({ title }) => title.endsWith('.mjs'))
        .map(({ title, text }) => [`${tool.name}, ${title}, ${stream ? 'streaming' : 'whole'}`, text] as const),
    ),
  );

test.each(scripts)('the snippet runs as it stands: %s', (_name, script) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module'], {
    cwd: root,
    input: script,
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout.length).toBeGreaterThan(20);
});

test('a user makes a key where the snippets are, finds it in every one of them, and chooses a model', async () => {
  const user = await createUser(ready, 'connect');
  await onPage({ browser, ready }, async (page) => {
    await logIn(page, user);
    await open(page, 'Connect');
    await settled(page);
    const code = page.locator('main [role="group"] code, main code, main pre').first();
    expect(await code.innerText()).toContain('sk-your-key');
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByText('The snippets below carry the key').waitFor();
    const secret = /sk-sluice1-\w+/.exec(await code.innerText())?.[0] ?? '';
    keepOutOfLogs('a key of the console', secret);
    expect(secret).not.toBe('');

    await page.getByRole('button', { name: 'OpenAI · Node.js' }).click();
    await page.getByRole('combobox', { name: 'Model' }).fill('sandbox-claude');
    await page.getByRole('option', { name: 'sandbox-claude', exact: true }).click();
    const snippet = page.getByRole('group', { name: 'chat.mjs' });
    expect(await snippet.innerText()).toContain(secret);
    expect(await snippet.innerText()).toContain("model: 'sandbox-claude'");
    expect(await snippet.innerText()).toContain('stream: true');
    await page.getByText('Whole answer').click();
    await page.getByRole('group', { name: 'chat.mjs' }).getByText('console.log').waitFor();

    await page.reload();
    await settled(page);
    expect(await page.content()).not.toContain(secret);
    await page.getByRole('heading', { name: 'OpenAI · Node.js' }).waitFor();
  });
}, 120_000);
