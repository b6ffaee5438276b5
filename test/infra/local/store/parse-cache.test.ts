import type { AttributeValue } from '../../../../infra/local/store/dynamodb/attribute-values.ts';
import { parsers } from '../../../../infra/local/store/dynamodb/dynalite-modules.ts';
import { withParseCache } from '../../../../infra/local/store/dynamodb/parse-cache.ts';
import type { ParseContext, Parser } from '../../../../infra/local/store/dynamodb/parse-cache.ts';

type Names = Record<string, string>;
type Values = Record<string, AttributeValue>;

const all = (names: object) => Object.fromEntries(Object.keys(names).map((name) => [name, true]));

function run(parse: Parser['parse'], text: string, attrNames: Names, attrVals: Values) {
  const context: ParseContext = {
    attrNames,
    attrVals,
    unusedAttrNames: all(attrNames),
    unusedAttrVals: all(attrVals),
    isReserved: (name: string) => name.toUpperCase() === 'STATUS',
    compare: () => false,
  };
  let tree: unknown;
  try {
    tree = parse(text, { context });
  } catch (error) {
    tree = (error as Error).message;
  }
  return JSON.parse(
    JSON.stringify({ tree, names: context.unusedAttrNames, values: context.unusedAttrVals }),
  ) as unknown;
}

const N = (digits: string): AttributeValue => ({ N: digits });
const S = (text: string): AttributeValue => ({ S: text });

const conditions: [text: string, names: Names, values: Values][] = [
  ['attribute_not_exists(h.#r) AND size(h) < :m', { '#r': 'one.two' }, { ':m': N('3') }],
  ['#a = :v OR #b = :v', { '#a': 'x', '#b': 'y', '#unused': 'z' }, { ':v': S('1'), ':unused': N('1') }],
  ['begins_with(#a, :v)', { '#a': 'x' }, { ':v': S('p') }],
  ['begins_with(#a, :v)', { '#a': 'x' }, { ':v': N('1') }],
  ['#a = #b', { '#a': 'x', '#b': 'y' }, {}],
  ['#a = #b', { '#a': 'same', '#b': 'same' }, {}],
  ['#a = b', { '#a': 'b' }, {}],
  ['a BETWEEN :v AND :w', {}, { ':v': N('1'), ':w': N('2') }],
  ['attribute_type(a, :v)', {}, { ':v': S('M') }],
  ['attribute_type(a, :v)', {}, { ':v': S('nothing') }],
  ['#a = :v', {}, { ':v': N('1') }],
  ['#a = :v', { '#a': 'x' }, {}],
  ['status = :v', {}, { ':v': N('1') }],
  ['#a[2].#b IN (:v, :w)', { '#a': 'constructor', '#b': '__proto__' }, { ':v': N('1'), ':w': S('1') }],
  ['((#a = :v))', { '#a': 'x' }, { ':v': N('1') }],
  ['#a = ', { '#a': 'x' }, {}],
];

const updates: [text: string, names: Names, values: Values][] = [
  ['SET h.#r = :v ADD #a :n, #b :n', { '#r': 'r', '#a': 'x', '#b': 'y' }, { ':v': S('x'), ':n': N('1') }],
  ['SET h.#r = :v ADD #a :n, #b :n', { '#r': 'r', '#a': 'x', '#b': 'x' }, { ':v': S('x'), ':n': N('1') }],
  ['SET #a = :v, a = :v', { '#a': 'a' }, { ':v': S('x') }],
  ['SET #a = if_not_exists(#a, :n) + :n', { '#a': 'x' }, { ':n': N('1') }],
  ['SET #a = :n + :n', { '#a': 'x' }, { ':n': S('1') }],
  ['ADD #a :n', { '#a': 'x' }, { ':n': { SS: ['a'] } }],
  ['ADD #a :n', { '#a': 'x' }, { ':n': { L: [] } }],
  ['REMOVE #a[1], #a.b', { '#a': 'x' }, {}],
];

const cases = [
  ...conditions.map((entry) => ['condition', ...entry] as const),
  ...updates.map((entry) => ['update', ...entry] as const),
];
const originals = { condition: parsers.condition.parse, update: parsers.update.parse };
const cached = { condition: withParseCache(parsers.condition), update: withParseCache(parsers.update) };

describe('a remembered expression is parsed as if it were new', () => {
  // Twice through all, so that each text also meets what others have left in the memory.
  test.each([...cases, ...cases])('%s %s with %j and %j', (kind, text, names, values) => {
    expect(run(cached[kind], text, names, values)).toEqual(run(originals[kind], text, names, values));
  });
});

test('each call has its own names and values, and none of them changes the next', () => {
  const parse = cached.update;
  const first = run(parse, 'SET #a = :v', { '#a': 'one' }, { ':v': S('1') });
  const second = run(parse, 'SET #a = :v', { '#a': 'two' }, { ':v': S('2') });
  expect(second).toEqual(run(originals.update, 'SET #a = :v', { '#a': 'two' }, { ':v': S('2') }));
  expect(run(parse, 'SET #a = :v', { '#a': 'one' }, { ':v': S('1') })).toEqual(first);
});

test('a placeholder of the call’s other expressions that means the same name leaves nothing behind', () => {
  const parse = withParseCache(parsers.condition);
  const [text, values] = ['#stamp < :v', { ':v': N('1') }];
  const calls: Names[] = [
    { '#s1': 'stamp', '#stamp': 'stamp' },
    { '#stamp': 'stamp' },
    { '#s0': 'stamp', '#stamp': 'stamp' },
  ];
  for (const names of calls) {
    expect(run(parse, text, names, values)).toEqual(run(originals.condition, text, names, values));
  }
});
