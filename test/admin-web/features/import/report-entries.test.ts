import { expect, test } from '@jest/globals';
import { entriesOf } from '../../../../admin-web/src/features/import/report-entries.ts';

test('a report is told entry by entry, what changes first, names with slashes whole', () => {
  const report = {
    created: ['credentials/openai/team-a', 'models/meta-llama/Llama-3.3'],
    updated: ['settings'],
    unchanged: ['upstreams/openai'],
    keys: [],
    warnings: [],
  };
  expect(entriesOf(report)).toEqual([
    { section: 'credentials', name: 'openai/team-a', effect: 'created' },
    { section: 'models', name: 'meta-llama/Llama-3.3', effect: 'created' },
    { section: 'settings', name: '', effect: 'updated' },
    { section: 'upstreams', name: 'openai', effect: 'unchanged' },
  ]);
});
