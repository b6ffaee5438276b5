import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isSecretSetting, SETTING_GROUPS, SETTING_NAMES, SETTINGS } from '../../layers/contract/settings.ts';
import { DEFAULT_SETTINGS } from '../../layers/core/catalog/store.ts';

const PAGE = 'docs/settings.md';
const HEAD = `# Settings

Made from layers/contract/settings.ts by test/contract/settings-page.test.ts, which fails when this page is out of date.
To write it anew:

    UPDATE_DOCS=1 npm test -- --selectProjects=unit --testPathPatterns=settings-page

Changed with \`PUT /api/admin/settings\`, in a configuration document, or in the console; every change stands in the audit
log. What is a value of the deployment instead is in \`infra/config.ts\`.
`;

function pageOf(): string {
  const groups = SETTING_GROUPS.map((group) => {
    const names = SETTING_NAMES.filter((name) => SETTINGS[name].group === group);
    const lines = names.map((name) => {
      const { description, effect } = SETTINGS[name];
      const value = isSecretSetting(name) ? 'a secret, never shown' : `\`${JSON.stringify(DEFAULT_SETTINGS[name])}\``;
      return `- **\`${name}\`** (${value}): ${description.replaceAll('*', String.raw`\*`)} Felt: ${lowerFirst(effect)}`;
    });
    return [`## ${group}\n`, ...lines, ''];
  });
  return [HEAD, ...groups.flat()].join('\n');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

test('docs/settings.md lists every setting with its default, its meaning and when a change is felt', () => {
  const page = pageOf();
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, page);
  expect(existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '').toBe(page);
});
