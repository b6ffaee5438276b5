import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

function sourcesOf(folder: string): { path: string; text: string }[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, 'utf8') }));
}

const SOURCES = [...sourcesOf('layers'), ...sourcesOf('functions')];

describe('access to tables', () => {
  it('scans only in the data migration', () => {
    const scanning = SOURCES.filter(({ text }) => /\.scan\(/.test(text)).map(({ path }) => path);
    expect(scanning).toEqual(['layers/aws/migrate.ts']);
  });

  it('sends DynamoDB operations only through the table clients', () => {
    const sending = SOURCES.filter(({ text }) => /client-dynamodb|DynamoDB_20120810/.test(text)).map(
      ({ path }) => path,
    );
    expect(sending.toSorted()).toEqual(['layers/aws/aws-json-client.ts', 'layers/aws/sdk-table-client.ts']);
  });

  it('queries with a partition that is given by name', () => {
    const conditions = SOURCES.flatMap(({ text }) =>
      [...text.matchAll(/keyCondition: '([^']+)'/g)].map((hit) => hit[1]),
    );
    expect(conditions.length).toBeGreaterThan(5);
    for (const condition of conditions) expect(condition).toMatch(/^#\w+ = :\w+( AND |$)/);
  });

  it('every table file opens with its list of questions', () => {
    for (const name of ['identity', 'vault', 'catalog', 'ledger', 'content']) {
      const text = readFileSync(join(ROOT, `layers/aws/tables/${name}.ts`), 'utf8');
      expect(text).toMatch(/^ \* question +index +key condition +consistency +who asks$/m);
    }
  });

  it('the environment is read by one file', () => {
    const reading = SOURCES.filter(({ text }) => /process\.env/.test(text)).map(({ path }) => path);
    expect(reading).toEqual(['layers/aws/env.ts']);
  });
});
