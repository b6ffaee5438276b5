import { dirname } from 'node:path';
import { environmentOf } from '../support/function-environment.ts';
import {
  chatBody,
  chatEvents,
  jsonOf,
  startFakeUpstream,
  streamOf,
  type FakeUpstream,
  type Step,
} from '../support/fake-upstream.ts';
import { adminClient, importInto, usageRow } from '../support/gateway.ts';
import { layerAssetOf, functionAssetOf } from '../support/function-assets.ts';
import { removeDirectory, startStack, synthesizeForTests, temporaryDirectory, type Stack } from '../support/stack.ts';
import { createChecks, holds, same, type Checks } from './checks.ts';
import type { HttpAnswer } from './http-answer.ts';
import { installRuntimeClient, startLambda, type LambdaProcess, type PlainCall } from './runtime-client.ts';
import { layOut } from './task-layout.ts';

/**
 * The functions under AWS's own runtime client, against a Runtime API of ours: the synthesized assets, the running
 * stack's tables and secrets. Each answer is also held against that of the local stack's function host, so that what
 * the local stack shows is what the runtime does.
 */

const MODEL = 'conformance';
const ORIGIN = 'https://app.example';
const CHAT = '/v1/chat/completions';

interface Scene {
  stack: Stack;
  upstream: FakeUpstream;
  relay: LambdaProcess;
  checks: Checks;
}

/** @returns how many guarantees failed */
export async function runUnderRuntimeClient(say: (line: string) => void): Promise<number> {
  const cleanups: (() => void | Promise<unknown>)[] = [];
  try {
    const program = installRuntimeClient();
    const assembly = synthesizeForTests();
    cleanups.push(assembly.remove);
    const dataDirectory = temporaryDirectory('conformance');
    cleanups.push(() => removeDirectory(dataDirectory));
    const machine = temporaryDirectory('lambda');
    cleanups.push(() => removeDirectory(machine));
    const stack = await startStack({ cloudAssembly: assembly.directory, dataDirectory, adapter: 'function-url' });
    cleanups.push(stack.stop);
    const upstream = await startFakeUpstream();
    cleanups.push(upstream.close);
    await prepare(stack, upstream);
    const start = async (name: string, usesLayer: boolean): Promise<LambdaProcess> => {
      const layout = layOut({
        root: machine,
        name,
        code: functionAssetOf(assembly.directory, name),
        layer: usesLayer ? layerAssetOf(assembly.directory) : null,
      });
      const lambda = await startLambda({
        program,
        layout,
        env: environmentOf(stack, name === 'relay' ? 'relay' : name),
      });
      cleanups.push(lambda.stop);
      return lambda;
    };
    const checks = createChecks(say);
    say(`aws-lambda-ric at ${dirname(program)}`);
    say('relay, bundled whole:');
    await checkRelay({ stack, upstream, checks, relay: await start('relay', false) });
    say('admin and vault, with the layer at opt/nodejs:');
    await checkAdmin(stack, checks, await start('admin', true));
    await checkVault(checks, await start('vault', true));
    return checks.failures();
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  }
}

async function prepare(stack: Stack, upstream: FakeUpstream): Promise<void> {
  await importInto(stack.ready, {
    version: 1,
    settings: { browserOrigins: [ORIGIN] },
    upstreams: [{ name: MODEL, format: 'openai-chat', vendor: 'openai-compatible', baseUrl: upstream.baseUrl }],
    credentials: [{ upstream: MODEL, name: 'only', secret: 'conformance-credential' }],
    models: [
      { name: MODEL, routes: [{ upstream: MODEL, model: 'up' }], price: { inputPerMillion: 1, outputPerMillion: 2 } },
    ],
  });
}

function chat(
  stack: Stack,
  more: { stream?: boolean; key?: string; headers?: Record<string, string> } = {},
): PlainCall {
  const { stream, key = stack.ready.apiKey, headers = stack.ready.relayHeaders } = more;
  const messages = [{ role: 'user', content: 'Say something of some length' }];
  return {
    method: 'POST',
    path: CHAT,
    headers: { ...headers, authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, messages, ...(stream === undefined ? {} : { stream }) }),
  };
}

/** What differs between two answers by their nature. */
const VOLATILE = /^(?:date|x-request-id|x-sluice-request-id|server-timing|connection|keep-alive|transfer-encoding)$/;

interface Seen {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const seen = (status: number, headers: Iterable<[string, string]>, body: string): Seen => ({
  status,
  headers: Object.fromEntries([...headers].filter(([name]) => !VOLATILE.test(name)).toSorted()),
  body: body.replaceAll(/(x-request-id|request_id|sluice-request-id)["' :]+\w+/g, '$1'),
});

/** The same call to the local stack's own function host. */
async function locally(stack: Stack, { method, path, headers, body }: PlainCall): Promise<Seen> {
  const answer = await fetch(`${stack.ready.relayUrl}${path}`, {
    method,
    headers: { ...headers },
    ...(body === undefined ? {} : { body }),
  });
  return seen(answer.status, answer.headers, await answer.text());
}

async function throughRuntime(lambda: LambdaProcess, call: PlainCall): Promise<Seen & { errorType?: string }> {
  const answer = await lambda.request(call);
  const body = await answer.rest();
  const errorType = answer.errorType();
  return { ...seen(answer.status, Object.entries(answer.headers), body), ...(errorType && { errorType }) };
}

async function checkRelay({ stack, upstream, relay, checks }: Scene): Promise<void> {
  const words = chatEvents(['The ', 'river ', 'is ', 'quiet.']);
  const alike = async (call: PlainCall, status: number): Promise<Seen> => {
    const found = await throughRuntime(relay, call);
    same(found.status, status, 'status');
    same(found, await locally(stack, call), 'the runtime client’s answer beside the local function host’s');
    return found;
  };

  await checks.that('a whole answer goes through byte by byte, as the local function host gives it', async () => {
    const body = chatBody('A whole answer');
    upstream.answer(jsonOf(body));
    same((await alike(chat(stack), 200)).body, body, 'body');
  });
  await checks.that('a stream goes through byte by byte, as the local function host gives it', async () => {
    upstream.answer(streamOf(chatEvents(['The ', 'river ', 'is ', 'quiet.'], { usage: null })));
    const { body } = await alike(chat(stack, { stream: true }), 200);
    same(body, chatEvents(['The ', 'river ', 'is ', 'quiet.'], { usage: null }).join(''), 'body');
  });
  await checks.that('each event of a stream has arrived before the upstream sends the next one', () =>
    checkArrival({ stack, upstream, relay, checks }, words),
  );
  await checks.that('a process that is frozen when the body ends has settled already', async () => {
    upstream.answer(streamOf(words));
    const answer = await relay.request(chat(stack, { stream: true }));
    await answer.rest();
    process.kill(relay.pid, 'SIGSTOP');
    try {
      const row = await usageRow(await adminClient(stack.ready), answer.headers['x-sluice-request-id'] ?? '');
      same([row.source, row.parts.output], ['reported', 6], 'usage');
    } finally {
      process.kill(relay.pid, 'SIGCONT');
    }
  });
  await checks.that('a stream that the upstream cuts ends in the format’s own error event', async () => {
    upstream.answer(streamOf(words.slice(0, 3), [{ cut: true }]));
    const { body, errorType } = await throughRuntime(relay, chat(stack, { stream: true }));
    holds(!body.includes('[DONE]'), 'the end passes for complete');
    holds(body.includes('"upstream_cut"'), `no error event: ${body.slice(-300)}`);
    same(errorType, undefined, 'error trailer');
  });
  await checks.that('a large whole answer that the upstream cuts is reported as failed behind its bytes', async () => {
    upstream.answer(cutInLargeBody());
    const { status, errorType } = await throughRuntime(relay, chat(stack));
    same([status, errorType], [200, 'Error'], 'status and the trailer Lambda-Runtime-Function-Error-Type');
  });
  await checks.that('the process goes on after an answer that failed', async () => {
    upstream.answer(jsonOf(chatBody('Still here')));
    same((await throughRuntime(relay, chat(stack))).status, 200, 'status');
  });
  await checkRefusals({ stack, upstream, relay, checks }, alike);
}

type Alike = (call: PlainCall, status: number) => Promise<Seen>;

async function checkRefusals({ stack, relay, checks }: Scene, alike: Alike): Promise<void> {
  await checks.that('a wrong key is a 401 in the format’s words', async () => {
    const { body } = await alike(chat(stack, { key: 'sk-nobody-has-this-key-of-forty-characters' }), 401);
    holds(body.includes('"invalid_api_key"'), body);
  });
  await checks.that('a call that did not come through the CDN is a 403', async () => {
    await alike(chat(stack, { headers: {} }), 403);
  });
  await checks.that('an answer without a body has its status and headers', async () => {
    const headers = {
      ...stack.ready.relayHeaders,
      origin: ORIGIN,
      'access-control-request-method': 'POST',
    };
    const { body, headers: answered } = await alike({ method: 'OPTIONS', path: CHAT, headers }, 204);
    same([body, typeof answered['access-control-allow-origin']], ['', 'string'], 'preflight');
  });
  await checks.that('an invocation that is no call of the URL fails, and the process lives', async () => {
    const answer = await relay.invoke({ hello: 'relay' });
    const pieces: Buffer[] = [];
    for (let piece = await answer.pieces.next(); piece.done !== true; piece = await answer.pieces.next()) {
      pieces.push(piece.value);
    }
    const reported = answer.kind === 'error' || answer.trailers()['lambda-runtime-function-error-type'] !== undefined;
    holds(reported, `${answer.kind}: ${Buffer.concat(pieces).toString('utf8')}`);
    same((await throughRuntime(relay, chat(stack))).status, 200, 'status of the next call');
  });
}

/** No clock decides: the upstream's next event waits for the last one's arrival. */
async function checkArrival({ stack, upstream, relay }: Scene, events: readonly string[]): Promise<void> {
  const gates = events.map(() => Promise.withResolvers<void>());
  upstream.answer([
    { head: 200, headers: { 'content-type': 'text/event-stream' } },
    ...events.flatMap((write, index): Step[] => [{ write }, { waitFor: gates[index]?.promise ?? Promise.resolve() }]),
  ]);
  const answer: HttpAnswer = await relay.request(chat(stack, { stream: true }));
  same(answer.status, 200, 'status');
  let arrived = '';
  for (const [index, event] of events.entries()) {
    // Usage that the client did not ask for is taken out of the stream.
    const awaited = event.includes('"usage":{') ? '' : event.trimEnd();
    while (!arrived.includes(awaited)) {
      const piece = await answer.next();
      holds(piece !== null, `the body ended before event ${index}`);
      arrived += piece;
    }
    gates[index]?.resolve();
  }
  same(await answer.rest(), '', 'what is left behind the last event');
}

/** More than is collected before it is handed on, so that the status has gone when the cut comes. */
function cutInLargeBody(): Step[] {
  const text = chatBody('long '.repeat(400_000));
  return [
    { head: 200, headers: { 'content-type': 'application/json', 'content-length': String(text.length) } },
    { write: text.slice(0, text.length - 1000) },
    { cut: true },
  ];
}

async function checkAdmin({ ready }: Stack, checks: Checks, admin: LambdaProcess): Promise<void> {
  await checks.that('admin logs an administrator in; its cookie has its own place in the prelude', async () => {
    const headers = { ...ready.relayHeaders, 'content-type': 'application/json' };
    const body = JSON.stringify(ready.admin);
    const answer = await admin.request({ method: 'POST', path: '/api/auth/login', headers, body });
    const text = await answer.rest();
    same(answer.status, 200, `status (${text})`);
    holds(
      answer.cookies.some((cookie) => cookie.includes('HttpOnly')),
      `cookies: ${JSON.stringify(answer.cookies)}`,
    );
    same('set-cookie' in answer.headers, false, 'set-cookie among the headers');
  });
}

async function checkVault(checks: Checks, vault: LambdaProcess): Promise<void> {
  await checks.that('vault answers a direct invocation', async () => {
    const answer = await vault.invoke({ action: 'publish-public-key' });
    const parts: Buffer[] = [];
    for (let piece = await answer.pieces.next(); piece.done !== true; piece = await answer.pieces.next()) {
      parts.push(piece.value);
    }
    const text = Buffer.concat(parts).toString('utf8');
    holds(text.includes('"published":true'), `${answer.kind}: ${text}`);
  });
}
