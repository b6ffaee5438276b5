import fc from 'fast-check';
import type { AssistantPart, ToolResultPart, UserPart } from '@sluice/llm/neutral/parts';
import { repairPairs } from '@sluice/llm/neutral/repair-pairs';
import type { NeutralMessage } from '@sluice/llm/neutral/request';

const call = (id: string, name = 'f'): AssistantPart => ({ type: 'tool-call', id, name, arguments: '{}' });
const result = (callId: string, text = 'r', name: string | null = 'f'): ToolResultPart => ({
  type: 'tool-result',
  callId,
  name,
  content: [{ type: 'text', text }],
  isError: false,
});
const assistant = (...content: AssistantPart[]): NeutralMessage => ({ role: 'assistant', content });
const user = (...content: UserPart[]): NeutralMessage => ({ role: 'user', content });
const said: UserPart = { type: 'text', text: 'x' };

function repair(messages: NeutralMessage[]): { messages: NeutralMessage[]; warnings: string[] } {
  const warnings: string[] = [];
  return { messages: repairPairs(messages, (code, field) => warnings.push(`${code} ${field}`)), warnings };
}

describe('pairs of calls and results', () => {
  test('that are whole stay the very same objects', () => {
    const messages = [user(said), assistant(call('a'), call('b')), user(result('a'), result('b'), said)];
    const repaired = repair(messages);
    expect(repaired.warnings).toEqual([]);
    expect(repaired.messages.every((message, index) => message === messages[index])).toBe(true);
  });

  test.each<[string, NeutralMessage[], NeutralMessage[]]>([
    [
      'out of order',
      [assistant(call('a'), call('b')), user(result('b'), result('a'))],
      [assistant(call('a'), call('b')), user(result('a'), result('b'))],
    ],
    [
      'behind what the user says',
      [assistant(call('a')), user(said, result('a'))],
      [assistant(call('a')), user(result('a'), said)],
    ],
    [
      'a message too late',
      [assistant(call('a'), call('b')), user(result('a')), assistant({ type: 'text', text: 'y' }), user(result('b'))],
      [assistant(call('a'), call('b')), user(result('a'), result('b')), assistant({ type: 'text', text: 'y' })],
    ],
    [
      'before their call',
      [user(result('a'), said), assistant(call('a'))],
      [user(said), assistant(call('a')), user(result('a'))],
    ],
    [
      'given twice',
      [assistant(call('a')), user(result('a', '1'), result('a', '2'))],
      [assistant(call('a')), user(result('a', '1'))],
    ],
    [
      'of an id that is used again',
      [assistant(call('a')), user(result('a', '1')), assistant(call('a')), user(result('a', '2'))],
      [assistant(call('a')), user(result('a', '1')), assistant(call('a_2')), user(result('a_2', '2'))],
    ],
    [
      'of calls that share an id',
      [assistant(call('a', 'f'), call('a', 'f')), user(result('a', '1'), result('a', '2'))],
      [assistant(call('a'), call('a_2')), user(result('a', '1'), result('a_2', '2'))],
    ],
  ])('are put right where results are %s', (_name, messages, expected) => {
    expect(repair(messages).messages).toEqual(expected);
  });

  test('learn the name of their call without a warning', () => {
    const repaired = repair([assistant(call('a', 'g')), user(result('a', 'r', null))]);
    expect(repaired).toEqual({ messages: [assistant(call('a', 'g')), user(result('a', 'r', 'g'))], warnings: [] });
  });

  test('are whole in whatever comes out, and no word of a result is lost but of duplicates', () => {
    const ids = fc.constantFrom('a', 'b', 'c');
    const message = fc.oneof(
      fc.array(ids, { maxLength: 3 }).map((some) => assistant(...some.map((id) => call(id)))),
      fc
        .array(
          fc.oneof(
            ids.map((id) => result(id)),
            fc.constant(said),
          ),
          { maxLength: 3 },
        )
        .map((some) => user(...some)),
      fc.constant<NeutralMessage>({ role: 'system', as: 'system', content: [{ type: 'text', text: 's' }] }),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
        const once = repair(messages).messages;
        const seen = new Set<string>();
        for (const [index, { role, content }] of once.entries()) {
          if (role !== 'assistant') continue;
          const calls = content.filter((part) => part.type === 'tool-call').map(({ id }) => id);
          const next = once[index + 1];
          const results = (next?.role === 'user' ? next.content : []).slice(0, calls.length);
          expect(results.map((part) => (part.type === 'tool-result' ? part.callId : null))).toEqual(calls);
          for (const id of calls) expect(seen.has(id)).toBe(false);
          for (const id of calls) seen.add(id);
        }
        // Put right is put right.
        const twice = repair(once);
        expect(twice.messages).toEqual(once);
        expect(twice.warnings).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
