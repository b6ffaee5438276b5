import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isGatewayError } from '@sluice/kit/errors/gateway-error';
import { foldStream } from '@sluice/llm/neutral/fold';
import { unfoldResponse } from '@sluice/llm/neutral/unfold';
import { collectWarnings, decodeSse } from '../support/formats.ts';
import {
  callOf,
  CLIENT_SIDES,
  clientOf,
  convertAnswer,
  convertStream,
  PAIRS,
  plain,
  UPSTREAM_SIDES,
  type ClientSide,
  type Pair,
  type UpstreamSide,
} from '../support/pairs.ts';
import { ANSWER_PROBES, REQUEST_PROBES, type AnswerProbe, type RequestProbe } from '../support/probes.ts';

const PAGE = join(import.meta.dirname, '../../docs/compatibility.md');

/** The same language on both sides passes as it is. */
const AS_IS = 'as is';
const CANNOT = '·';

/** What becomes of one thing that a client asks for. */
function cellOfRequest(probe: RequestProbe, { client, upstream }: Pair): string {
  const asked = probe.ask(client.name);
  const said = collectWarnings();
  const wire = attempt(() => plain(client.codec.encodeRequest(asked, callOf(client, { warn: said.warn }))));
  // What the client's own language can only say by halves, its clients do not say.
  if (wire === null) return CANNOT;
  const received = client.codec.decodeRequest(wire, clientOf(client));
  if (!probe.has(received)) return CANNOT;
  if (client.name === upstream.name) return AS_IS;
  const { warnings, warn } = collectWarnings();
  const sent = attempt(() => plain(upstream.codec.encodeRequest(received, callOf(upstream, { warn }))));
  if (sent === null) return 'refused';
  if (warnings.some((warning) => warning !== 'vendor-only store')) return 'warning';
  const there = CLIENT_SIDES.find(({ name }) => name === upstream.name);
  const isThere = there === undefined || probe.has(there.codec.decodeRequest(sent, clientOf(there)));
  return isThere ? 'full' : 'otherwise';
}

function attempt<Value>(work: () => Value): Value | null {
  try {
    return work();
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    return null;
  }
}

/** What becomes of one thing that an upstream answers; streamed and whole. */
function cellOfAnswer(probe: AnswerProbe, pair: Pair): string {
  const { client, upstream } = pair;
  const wire = upstream.answer(probe.answer);
  if (!probe.has(upstream.codec.decodeResponse(wire, callOf(upstream)))) return CANNOT;
  if (client.name === upstream.name) return AS_IS;
  const read = client.codec.decodeResponse(convertAnswer(pair, wire), callOf(client));
  const whole = probe.has(read);
  const events = upstream.stream([...unfoldResponse(probe.answer)]).join('');
  const streamed = foldStream(decodeSse(client.codec, convertStream(pair, Buffer.from(events)), callOf(client)));
  // Some languages tell a thing only in their streams, or only in whole answers.
  const isStreamed = probe.has(streamed);
  if (whole && isStreamed) return 'full';
  if (whole || isStreamed) return whole ? 'whole answers' : 'streams';
  const { inWords } = probe;
  return inWords !== undefined && JSON.stringify(read).includes(inWords) ? 'in words' : 'no place';
}

/** Reasoning's proof comes back from any client: the laws show it (`test/llm/laws/carriers.test.ts`). */
function tableOf(client: ClientSide): string[] {
  const cells = (cell: (upstream: UpstreamSide) => string): string => UPSTREAM_SIDES.map(cell).join(' | ');
  const heading = (title: string): string[] => [
    '',
    `| ${title} | ${cells(({ name }) => name)} |`,
    `| --- | ${cells(() => '---')} |`,
  ];
  return [
    '',
    `## A client of ${client.name}`,
    ...heading('asks for'),
    ...REQUEST_PROBES.map(
      (probe) => `| ${probe.name} | ${cells((upstream) => cellOfRequest(probe, { client, upstream }))} |`,
    ),
    ...heading('gets'),
    ...ANSWER_PROBES.map(
      (probe) => `| ${probe.name} | ${cells((upstream) => cellOfAnswer(probe, { client, upstream }))} |`,
    ),
  ];
}

const HEAD = `# What goes between which languages

Written by its own test (\`test/llm/compatibility.test.ts\`), which sends one request and one answer for each line
through the converters: \`UPDATE_DOCS=1 npm test -- compatibility\` writes it anew, and any difference to it fails.

Requests (a column is the upstream's language):

- **as is**: the same language on both sides, so the request passes byte for byte but for the model's name.
- **full**: the upstream is asked for the same thing.
- **otherwise**: it comes to the same by other means: an effort becomes a budget, a custom tool a function of one text,
  and vendors without cache marks cache on their own.
- **warning**: left out, brought into range or said by the nearest means; \`x-sluice-warnings\` names it.
- **refused**: a 400 that names the field, since the answer without it would be another answer.
- **·**: the client's language has no word for it (in answers: the upstream's).

Answers: **full**, or **streams** or **whole answers** where the client's language has a place for it in one of the two
only, or **in words** (a link to an image, what is spoken), or **no place**. Reasoning's signatures come back to their origin byte for byte through every client's language
and go to nobody else; usage adds up to the upstream's totals everywhere. What a single model cannot do (its row in the
catalog says so) is warned of or refused beyond this table, which shows what each language's current models do.
`;

function page(): string {
  return [HEAD.trimEnd(), ...CLIENT_SIDES.flatMap(tableOf)].join('\n') + '\n';
}

/** The formatter sets the tables' columns; only what is written in the cells counts. */
function unaligned(text: string): string {
  return text.replaceAll(/[ ]*\|[ ]*/g, '|').replaceAll(/-{3,}/g, '---');
}

test('docs/compatibility.md says what the converters do', () => {
  const written = page();
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, written);
  expect(unaligned(readFileSync(PAGE, 'utf8'))).toBe(unaligned(written));
});

test.each(PAIRS)('what a client of $client.name asks of $upstream.name arrives, is warned of or refused', (pair) => {
  const silent = REQUEST_PROBES.filter((probe) => cellOfRequest(probe, pair) === 'otherwise').map(({ name }) => name);
  expect(silent.filter((name) => !SAID_OTHERWISE.has(name))).toEqual([]);
});

/** What comes to the same by another member there. */
const SAID_OTHERWISE = new Set([
  // A function of one text, taken apart again in the answer.
  'custom tools (free text)',
  // An effort where the upstream takes a budget.
  'reasoning effort',
  // Vendors without marks cache what they find worth it.
  'prompt cache marks',
]);
