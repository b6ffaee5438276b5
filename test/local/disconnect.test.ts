import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { adminClient, marker, openAiClient, receivedWith, until, usageRow, userSays } from '../support/gateway.ts';
import { removeDirectory, sharedAssembly, startStack, temporaryDirectory, type Stack } from '../support/stack.ts';

/** The plain Node adapter sees its client leave; a function URL cannot (architecture.md §5). */
const dataDirectory = temporaryDirectory('node-adapter');
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ cloudAssembly: sharedAssembly(), dataDirectory, adapter: 'node' });
}, 150_000);
afterAll(async () => {
  await stack?.stop();
  removeDirectory(dataDirectory);
}, 60_000);

describe('a client that leaves', () => {
  test('in mid-stream takes the upstream call with it within a second, and is charged in part', async () => {
    const { ready } = stack;
    const mark = marker();
    const leaving = new AbortController();
    const request = { model: 'sandbox-chat--hang-3', messages: userSays(mark), stream: true as const };
    const { data, response } = await openAiClient(ready)
      .chat.completions.create(request, { signal: leaving.signal })
      .withResponse();
    let chunks = 0;
    let leftAt = 0;
    for await (const _ of data) {
      chunks += 1;
      if (chunks < 3) continue;
      leftAt = Date.now();
      leaving.abort();
    }
    const entry = await until(async () => (await receivedWith(ready, mark)).find((found) => found.aborted));
    expect(Date.parse(entry.at) + (entry.msUntilAbort ?? 0) - leftAt).toBeLessThan(1000);
    const row = await usageRow(await adminClient(ready), response.headers.get('x-sluice-request-id') ?? '');
    expect(row).toMatchObject({ source: 'partial', stream: true });
    expect(row.parts.output).toBeGreaterThan(0);
  });

  test('before any answer takes the upstream call with it too', async () => {
    const { ready } = stack;
    const mark = marker();
    const leaving = new AbortController();
    const asking = openAiClient(ready).chat.completions.create(
      { model: 'sandbox-chat--hang', messages: userSays(mark) },
      { signal: leaving.signal },
    );
    const outcome = asking.then(
      () => 'answered',
      () => 'left',
    );
    await until(async () => (await receivedWith(ready, mark)).length === 1);
    leaving.abort();
    expect(await outcome).toBe('left');
    const entry = await until(async () => (await receivedWith(ready, mark)).find((found) => found.aborted));
    expect(entry.finished).toBe(false);
  });

  test('does not disturb the others: the same process goes on answering', async () => {
    const { ready } = stack;
    const answer = await openAiClient(ready).chat.completions.create({
      model: 'sandbox-chat--words-5',
      messages: userSays('Still there?'),
    });
    expect(answer.usage?.completion_tokens).toBe(5);
  });
});

describe('the relay’s own address', () => {
  test('answers those who carry the CDN’s header, and refuses others', async () => {
    const { ready } = stack;
    const authorization = `Bearer ${ready.apiKey}`;
    const direct = await fetch(`${ready.relayUrl}/v1/models`, { headers: { ...ready.relayHeaders, authorization } });
    expect(direct.status).toBe(200);
    const bare = await fetch(`${ready.relayUrl}/v1/models`, { headers: { authorization } });
    expect(bare.status).toBe(403);
    expect(await bare.json()).toMatchObject({ error: { code: 'origin_refused' } });
  });
});
