import fc from 'fast-check';
import { budgetOf, effortOf } from '@sluice/llm/formats/reasoning-wish';
import { fitCallId, restoreToolName, sendToolName } from '@sluice/llm/formats/tool-names';
import type { Effort, ReasoningWish } from '@sluice/llm/neutral/request';

test('names of tools are sent in a shape that all vendors take, stay different and come back', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1, maxLength: 120, unit: 'grapheme' }), { maxLength: 20 }),
      (names) => {
        const call = { toolNames: new Map<string, string>() };
        const sent = names.map((name) => sendToolName(name, call));
        for (const name of sent) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
        expect(new Set(sent).size).toBe(names.length);
        expect(sent.map((name) => restoreToolName(name, call))).toEqual(names);
      },
    ),
  );
});

test('a name that fits is sent as it is', () => {
  const call = { toolNames: new Map<string, string>() };
  expect(sendToolName('mcp__files__read-file', call)).toBe('mcp__files__read-file');
  expect(call.toolNames.size).toBe(0);
});

test('ids of calls fit, the same for call and result', () => {
  expect(fitCallId('call_1', 40)).toBe('call_1');
  const long = fitCallId('functions.read:0'.repeat(9), 40);
  expect(long).toMatch(/^[a-zA-Z0-9_-]{40}$/);
  expect(fitCallId('functions.read:0'.repeat(9), 40)).toBe(long);
});

const wish = (known: Partial<ReasoningWish>): ReasoningWish => ({
  enabled: null,
  effort: null,
  budgetTokens: null,
  show: null,
  summary: null,
  ...known,
});

test.each<[Partial<ReasoningWish>, number | null, Effort | null]>([
  [{ effort: 'low' }, 2_048, 'low'],
  [{ effort: 'high' }, 16_384, 'high'],
  [{ effort: 'none' }, 0, 'none'],
  [{ enabled: false, effort: 'high' }, 0, 'none'],
  [{ budgetTokens: 0 }, 0, 'none'],
  [{ budgetTokens: 1_024 }, 1_024, 'low'],
  [{ budgetTokens: 60_000 }, 60_000, 'high'],
  [{ budgetTokens: -1 }, -1, null],
  [{ enabled: true }, -1, null],
  [{ show: true }, null, null],
])('the wish %j is a budget of %j and an effort of %j', (known, budget, effort) => {
  expect(budgetOf(wish(known))).toBe(budget);
  expect(effortOf(wish(known))).toBe(effort);
});
