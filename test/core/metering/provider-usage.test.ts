import { readdirSync, readFileSync } from 'node:fs';
import { priceEntry } from '@sluice/contract/prices';
import { costMicros } from '@sluice/core/metering/price';
import { createEventFramer } from '@sluice/kit/stream/sse-framing';
import { ANTHROPIC_MESSAGES } from '@sluice/llm/formats/anthropic-messages/anthropic-messages';
import { decodeUsage as decodeConverseUsage } from '@sluice/llm/formats/bedrock-converse/usage';
import { GEMINI } from '@sluice/llm/formats/gemini/gemini';
import { OPENAI_CHAT } from '@sluice/llm/formats/openai-chat/openai-chat';
import { OPENAI_EMBEDDINGS } from '@sluice/llm/formats/openai-embeddings/openai-embeddings';
import { OPENAI_RESPONSES } from '@sluice/llm/formats/openai-responses/openai-responses';
import { decodeUsage as decodeResponsesUsage } from '@sluice/llm/formats/openai-responses/usage';
import { NO_FIGURES, totalTokens, type UsageFigures } from '@sluice/llm/formats/usage-figures';
import type { RequestFacts, WireFormat } from '@sluice/llm/formats/wire-format';

/*
 * What providers report, one file each: the answer as its maker documents it (the URL stands there), the parts that it
 * has, the provider's own total, a price and the arithmetic by hand.
 */

interface Line {
  part: keyof UsageFigures;
  count: number;
  dollars: number;
  per: 'million' | 'piece';
  microDollars: number;
}

interface Fixture {
  title: string;
  source: string;
  format: string;
  /** `usage`: only the report is of interest, no answer of this kind is relayed yet in this form. */
  form: 'body' | 'stream' | 'usage';
  answer: unknown;
  parts: Partial<UsageFigures>;
  total: number;
  price: Record<string, unknown>;
  arithmetic: Line[];
  costMicros: number;
}

const FOLDER = new URL('../../fixtures/usage/', import.meta.url);
const FIXTURES = readdirSync(FOLDER).map((name): [string, Fixture] => [
  name,
  JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Fixture,
]);

const FORMATS: Readonly<Record<string, WireFormat>> = {
  'openai-chat': OPENAI_CHAT,
  'openai-responses': OPENAI_RESPONSES,
  'anthropic-messages': ANTHROPIC_MESSAGES,
  gemini: GEMINI,
};

function readFigures({ format, form, answer }: Fixture): UsageFigures | null {
  if (form === 'usage') {
    const decode = format === 'bedrock-converse' ? decodeConverseUsage : decodeResponsesUsage;
    return decode((answer as { usage: unknown }).usage);
  }
  const bytes = Buffer.from(form === 'body' ? JSON.stringify(answer) : sseOf(answer));
  if (format === 'openai-embeddings') return OPENAI_EMBEDDINGS.readUsage(bytes);
  const wire = FORMATS[format];
  if (!wire) throw new Error(`The fixture is of no format that is known: ${format}`);
  if (form === 'body') return wire.readBody(bytes).usage;
  const tap = wire.createStreamTap({ wantsStreamUsage: true, choices: 1 } as RequestFacts);
  const block = createEventFramer().push(bytes);
  if (block) tap.see(block);
  return tap.usage;
}

function sseOf(events: unknown): string {
  return (events as { event?: string; data: unknown }[])
    .map(({ event, data }) => {
      const text = typeof data === 'string' ? data : JSON.stringify(data);
      return `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`;
    })
    .join('');
}

test('there are at least twelve shapes, each with its source', () => {
  expect(FIXTURES.length).toBeGreaterThanOrEqual(12);
  for (const [, { source }] of FIXTURES) expect(source).toMatch(/^https:\/\//);
});

describe.each(FIXTURES)('%s', (_name, fixture) => {
  const parts = { ...NO_FIGURES, ...fixture.parts };

  test(`${fixture.title}: has these parts`, () => {
    expect(readFigures(fixture)).toEqual(parts);
  });

  test('its parts sum to the total of the provider', () => {
    expect(totalTokens(parts)).toBe(fixture.total);
  });

  test('costs what it costs by hand', () => {
    const byHand = fixture.arithmetic.reduce((sum, line) => sum + line.microDollars, 0);
    for (const line of fixture.arithmetic) {
      expect(line.count).toBe(parts[line.part]);
      expect(line.microDollars).toBeCloseTo(line.count * line.dollars * (line.per === 'piece' ? 1_000_000 : 1), 6);
    }
    // Every part that was used has its line.
    const lines = new Set(fixture.arithmetic.map((line) => line.part));
    expect(Object.keys(fixture.parts).filter((part) => !lines.has(part as keyof UsageFigures))).toEqual([]);
    expect(Math.floor(byHand + 0.5)).toBe(fixture.costMicros);
    expect(costMicros(parts, { version: 1, ...priceEntry.parse(fixture.price) })).toBe(fixture.costMicros);
  });
});
