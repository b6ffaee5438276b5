import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chatBody, jsonOf, type SeenRequest, type Step, USAGE } from '../../support/fake-upstream.ts';
import { aCredential, aModel, anUpstream, aUser, call, CHAT, NOW, startRig, type Rig, type RigOptions } from './rig.ts';

const GOOD = jsonOf(chatBody('Hello'));

let rig: Rig;
let now: number;
beforeEach(() => {
  now = NOW;
});
afterEach(() => rig.close());

async function start(options: RigOptions = {}): Promise<void> {
  const credentials = [aCredential('first', 'a'), aCredential('first', 'b')];
  rig = await startRig({ credentials, users: [aUser({ role: 'admin' })], ...options, deps: { clock: () => now } });
}

const limited = (seconds: number): Step[] =>
  jsonOf('{"error":{"message":"slow down"}}', 429, { 'retry-after': String(seconds) });
const nameOf = ({ headers }: SeenRequest): string => headers.authorization?.replace('Bearer secret-of-', '') ?? '';
const asked = (): string[] => rig.upstream.requests.map(nameOf);
const answer = (answers: Record<string, Step[]>): void => rig.upstream.answer((one) => answers[nameOf(one)] ?? GOOD);

describe('a conversation', () => {
  const LONG = { ...USAGE, prompt_tokens: 4_000 };
  const WARM = jsonOf(chatBody('Hello', LONG));
  const inTurn = { ...CHAT, messages: [{ role: 'user', content: 'A conversation of several turns.' }] };

  it('stays where its prompt is kept when the credential that it is drawn to returns, and goes back after that', async () => {
    await start();
    const turn = async (): Promise<string> => {
      expect((await call(rig, { body: inTurn })).status).toBe(200);
      return asked().at(-1)!;
    };
    answer({ a: WARM, b: WARM });
    const drawn = await turn();
    const other = drawn === 'a' ? 'b' : 'a';
    answer({ [drawn]: limited(30), [other]: WARM });
    expect(await turn()).toBe(other);
    answer({ a: WARM, b: WARM });
    now += 31_000;
    expect([await turn(), await turn()]).toEqual([other, other]);
    // Somebody else's conversation proves the credential meanwhile.
    for (let index = 0; index < 5; index += 1) await call(rig);
    now += 9 * 60_000;
    expect(await turn()).toBe(other);
    now += 10 * 60_000;
    expect(await turn()).toBe(drawn);
  });

  it('goes to the cheaper of two routes, and to the other one while that rests', async () => {
    const price = aModel().price!;
    const route = (upstream: string, inputMicros: number) => ({
      upstream,
      model: 'up',
      priority: 0,
      weight: upstream === 'dear' ? 100 : 1,
      price: { ...price, inputMicros },
    });
    await start({
      upstreams: (baseUrl) => ['cheap', 'dear'].map((name) => anUpstream(name, baseUrl)),
      credentials: [aCredential('cheap', 'a'), aCredential('dear', 'b')],
      models: [aModel({ routes: [route('dear', 3_000_000), route('cheap', 1_000_000)] })],
    });
    answer({ a: GOOD, b: GOOD });
    const body = (index: number) => ({ ...CHAT, messages: [{ role: 'user', content: `Conversation ${index}` }] });
    for (let index = 0; index < 10; index += 1) await call(rig, { body: body(index) });
    expect(new Set(asked())).toEqual(new Set(['a']));
    answer({ a: limited(30), b: GOOD });
    expect((await call(rig, { body: body(11) })).status).toBe(200);
    expect(asked().slice(-2)).toEqual(['a', 'b']);
  });
});
