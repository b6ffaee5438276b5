import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  chatBody,
  chatEvents,
  jsonOf,
  startFakeUpstream,
  streamOf,
  type FakeUpstream,
  type SeenRequest,
  type Step,
} from '../support/fake-upstream.ts';
import { importInto, marker, until } from '../support/gateway.ts';
import { moveClock } from '../support/ledger.ts';
import { countByStatus, createGate, createLoad, type Load, type LoadAnswer } from '../support/load.ts';
import { removeDirectory, sharedAssembly, startStack, temporaryDirectory, type Stack } from '../support/stack.ts';

/**
 * Several credentials behind three relay processes. Each test has an upstream of its own, whose credentials are told
 * apart by what they present; the test decides what each of them meets.
 */
const dataDirectory = temporaryDirectory('pool');
const CLOCK = '2031-05-06T04:00:00Z';
const RELAYS = 3;

let stack: Stack;
let load: Load;
let now = Date.parse(CLOCK);
const upstreams: FakeUpstream[] = [];

beforeAll(async () => {
  const args = ['--relays', String(RELAYS), '--clock', CLOCK];
  stack = await startStack({ cloudAssembly: sharedAssembly(), dataDirectory, args });
  await importInto(stack.ready, {
    version: 1,
    // Long enough for a busy machine's healthy upstreams, short enough to wait for.
    settings: { upstreamTimeouts: { chat: { firstByteMs: 3000, slowStartMs: 3000 } } },
  });
  load = createLoad(stack.ready, 64);
}, 150_000);
afterAll(async () => {
  load?.close();
  await stack?.stop();
  await Promise.all(upstreams.map((upstream) => upstream.close()));
  removeDirectory(dataDirectory);
}, 60_000);

/** Moves all clocks on from where this file's last move put them; what passed since by itself is seconds. */
async function passSeconds(seconds: number): Promise<void> {
  now += seconds * 1000;
  await moveClock(stack.ready.sandboxUrl, now);
}

type Behaviour = (request: SeenRequest) => Step[];

interface Pool {
  /** What this credential meets from now on. */
  meets(credential: string, behaviour: Behaviour): void;
  /** How many requests came with this credential. */
  asked(credential: string): number;
  ask(options?: { stream?: boolean; onPiece?: (soFar: string) => void }): Promise<LoadAnswer>;
  askMany(count: number, options?: { stream?: boolean }): Promise<LoadAnswer[]>;
}

/** Says which credential it was asked with. */
const well: Behaviour = (request) => {
  const words = ['All', ' is', ' well', ` said:${bearerOf(request)}.`];
  return request.body.includes('"stream":true') ? streamOf(chatEvents(words)) : jsonOf(chatBody(words.join('')));
};

function refusing(status: number, headers: Record<string, string> = {}): Behaviour {
  const error = { message: `Status ${status}, says the upstream`, type: 'upstream_trouble', code: null, param: null };
  return () => jsonOf(JSON.stringify({ error }), status, headers);
}

function bearerOf({ headers }: SeenRequest): string {
  return headers.authorization?.slice('Bearer '.length) ?? '';
}

let pools = 0;

/** @param priorities of the credentials by name; the lowest is asked first */
async function createPool(priorities: Record<string, number>): Promise<Pool> {
  pools += 1;
  const name = `pool-${pools}`;
  const secretOf = (credential: string): string => `${name}-${credential}-secret`;
  const behaviours = new Map(Object.keys(priorities).map((credential) => [secretOf(credential), well]));
  const upstream = await startFakeUpstream((request) => (behaviours.get(bearerOf(request)) ?? refusing(401))(request));
  upstreams.push(upstream);
  await importInto(stack.ready, {
    version: 1,
    upstreams: [{ name, format: 'openai-chat', vendor: 'openai-compatible', baseUrl: upstream.baseUrl }],
    credentials: Object.entries(priorities).map(([credential, priority]) => ({
      upstream: name,
      name: credential,
      secret: secretOf(credential),
      priority,
    })),
    models: [{ name, routes: [{ upstream: name, model: 'up' }], price: { inputPerMillion: 1, outputPerMillion: 1 } }],
  });
  const ask: Pool['ask'] = ({ stream = false, onPiece } = {}) => {
    const messages = [{ role: 'user', content: marker() }];
    const body = JSON.stringify({ model: name, ...(stream ? { stream } : {}), messages });
    return load.call({ secret: stack.ready.apiKey, body, ...(onPiece && { onPiece }) });
  };
  return {
    meets: (credential, behaviour) => void behaviours.set(secretOf(credential), behaviour),
    asked: (credential) => upstream.requests.filter((request) => bearerOf(request) === secretOf(credential)).length,
    ask,
    askMany: (count, options) => Promise.all(Array.from({ length: count }, () => ask(options))),
  };
}

/** One after the other. */
async function askInTurn(pool: Pool, count: number): Promise<LoadAnswer[]> {
  const answers: LoadAnswer[] = [];
  for (let index = 0; index < count; index += 1) answers.push(await pool.ask());
  return answers;
}

function servedBy(answers: readonly LoadAnswer[]): string[] {
  return [...new Set(answers.map(({ headers }) => String(headers['x-sluice-credential'])))].toSorted();
}

/** Who said the content. The header tells who gave the status, and another may have taken over before any content. */
function saidBy(answers: readonly LoadAnswer[]): string[] {
  return [...new Set(answers.map(({ body }) => / said:pool-\d+-(\w+)-secret/.exec(body)?.[1] ?? 'nobody'))].toSorted();
}

/** Whole, and not an error in the guise of a stream. */
function isWhole({ status, body, broken }: LoadAnswer): boolean {
  return status === 200 && !broken && body.includes('well') && !body.includes('"error"');
}

describe('one of two credentials answers 429 with retry-after', () => {
  let pool: Pool;
  beforeAll(async () => {
    pool = await createPool({ first: 0, second: 1 });
  });

  test('no client sees it', async () => {
    pool.meets('first', refusing(429, { 'retry-after': '30' }));
    const answers = [...(await askInTurn(pool, 6)), ...(await pool.askMany(24))];
    expect(countByStatus(answers)).toEqual({ 200: 30 });
    expect(servedBy(answers)).toEqual(['second']);
    // Each process may learn it by itself, and none asks twice.
    expect(pool.asked('first')).toBeGreaterThan(0);
    expect(pool.asked('first')).toBeLessThanOrEqual(RELAYS);
  });

  test('it rests until then, and then one request tries it, not all', async () => {
    await passSeconds(20);
    const before = pool.asked('first');
    expect(countByStatus(await pool.askMany(12))).toEqual({ 200: 12 });
    expect(pool.asked('first')).toBe(before);
    await passSeconds(40);
    expect(countByStatus(await pool.askMany(12))).toEqual({ 200: 12 });
    expect(pool.asked('first')).toBe(before + 1);
  });

  test('it comes back by one probe', async () => {
    // Longer than the lease of the last probe: a process may not have heard yet that it failed.
    await passSeconds(120);
    const gate = createGate();
    pool.meets('first', (request) => [{ waitFor: gate.opened }, ...well(request)]);
    const before = pool.asked('first');
    const probe = pool.ask();
    await until(async () => pool.asked('first') === before + 1);
    const others = await pool.askMany(12);
    expect(countByStatus(others)).toEqual({ 200: 12 });
    expect(servedBy(others)).toEqual(['second']);
    gate.open();
    expect(servedBy([await probe])).toEqual(['first']);
    pool.meets('first', well);
    // A process that has not heard of it yet goes on with the second for some seconds.
    await until(async () => servedBy(await pool.askMany(12)).join() === 'first');
  });
});

describe('both of two credentials answer 429', () => {
  test('the client is told when to come back, the longer rest is kept, and then it works again', async () => {
    const pool = await createPool({ first: 0, second: 1 });
    pool.meets('first', refusing(429, { 'retry-after': '90' }));
    pool.meets('second', refusing(429, { 'retry-after': '40' }));
    const answers = await askInTurn(pool, 9);
    for (const { status, headers, body } of answers) {
      expect([429, 503]).toContain(status);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(40);
      expect(JSON.parse(body)).toMatchObject({ error: { message: expect.any(String) } });
    }
    expect(pool.asked('first')).toBeLessThanOrEqual(RELAYS);
    // The last one is never parked: who asks in spite of it may be the one for whom it works again.
    expect(pool.asked('second')).toBeLessThanOrEqual(answers.length);
    pool.meets('second', well);
    await passSeconds(60);
    const later = await pool.askMany(9);
    expect(later.filter(isWhole).length).toBeGreaterThan(0);
    // One of them was the probe; after it everybody is served again.
    const settled = await pool.askMany(9);
    expect(servedBy(settled)).toEqual(['second']);
  });
});

interface Trouble {
  name: string;
  /** What a new request meets. */
  meets: Behaviour;
  /** Whole bodies are passed on from their first byte, so this trouble is one of streams only. */
  streamsOnly?: boolean;
}

const TROUBLES: Trouble[] = [
  { name: 'hangs', meets: () => [{ hang: true }] },
  {
    name: 'trickles comments and no content',
    streamsOnly: true,
    meets: () => [...streamOf([]), { trickle: ': still thinking\n\n', everyMs: 100 }],
  },
  {
    name: 'trickles its first event byte by byte',
    streamsOnly: true,
    meets: () => [...streamOf(['data: {"id":"']), { trickle: 'x', everyMs: 100 }],
  },
  { name: 'answers 401', meets: refusing(401) },
  { name: 'answers 529', meets: refusing(529) },
  { name: 'answers 500', meets: refusing(500) },
  { name: 'breaks every connection', meets: () => [{ cut: true }] },
];

describe('one of three credentials', () => {
  test.each(TROUBLES)('that $name hurts only the streams that it had begun', async ({ meets, streamsOnly = false }) => {
    const pool = await createPool({ one: 0, two: 0, three: 0 });
    const gate = createGate();
    const [role = '', first = '', ...rest] = chatEvents(['Begun', ' and', ' well']);
    const begin =
      (after: Step[]): Behaviour =>
      () => [...streamOf([role, first]), ...after];
    const goOn: Step[] = [{ waitFor: gate.opened }, ...rest.map((write) => ({ write }))];
    pool.meets('one', begin([{ waitFor: gate.opened }, { cut: true }]));
    pool.meets('two', begin(goOn));
    pool.meets('three', begin(goOn));
    const begun: Promise<LoadAnswer>[] = [];
    while (['one', 'two', 'three'].some((name) => pool.asked(name) < 2)) begun.push(...(await beginStreams(pool, 6)));

    pool.meets('one', meets);
    pool.meets('two', well);
    pool.meets('three', well);
    const asked = pool.asked('one');
    const fresh = [...(await pool.askMany(40, { stream: true })), ...(streamsOnly ? [] : await pool.askMany(12))];
    expect(fresh.filter((answer) => !isWhole(answer))).toEqual([]);
    expect(saidBy(fresh)).toEqual(['three', 'two']);
    expect(pool.asked('one')).toBeGreaterThan(asked);

    gate.open();
    const ended = await Promise.all(begun);
    const hurt = ended.filter((answer) => !isWhole(answer));
    expect(servedBy(hurt)).toEqual(['one']);
    expect(servedBy(ended.filter(isWhole))).toEqual(['three', 'two']);
    for (const { body } of hurt) expect(body).not.toContain('[DONE]');
  });
});

/** So many streams under way, spread over the credentials, each with its first word out. */
async function beginStreams(pool: Pool, count: number): Promise<Promise<LoadAnswer>[]> {
  let speaking = 0;
  const begin = (): Promise<LoadAnswer> => {
    let heard = false;
    const onPiece = (soFar: string): void => {
      if (heard || !soFar.includes('Begun')) return;
      heard = true;
      speaking += 1;
    };
    return pool.ask({ stream: true, onPiece });
  };
  const begun = Array.from({ length: count }, begin);
  await until(async () => speaking === count);
  return begun;
}
