import { join } from 'node:path';
import { environmentOf } from '../support/function-environment.ts';
import { importInto } from '../support/gateway.ts';
import { createLimitedKey } from '../support/limited-key.ts';
import { EVERY_LIMIT } from '../support/write-units.ts';
import { removeDirectory, startStack, synthesizeForTests, temporaryDirectory, type Stack } from '../support/stack.ts';
import { installPortkey, portkeyHeaders, startPortkey } from './portkey.ts';
import { startGateway, startLoad, type Gateway, type Load, type OwnGateway } from './processes.ts';
import type { Place } from './report.ts';

/** Where load can go, and what a request to it carries. */
export interface Target {
  gateway: Gateway;
  headers: Record<string, string>;
}

export type StartablePlace = Exclude<Place, 'upstream'>;

/** Everything that is measured, up and ready. */
export interface Bench {
  rounds: number;
  load: Load;
  stack: Stack;
  /** In the order of the table; without Portkey where that could not be installed. */
  targets: ReadonlyMap<Place, Target>;
  /** What the relay's process is given: the environment of the deployed function. */
  relayEnvironment: Record<string, string>;
  /** A fresh process of a kind that is measured, with its headers. */
  start(place: StartablePlace): Promise<Target>;
  startRelay(env?: Record<string, string>, execArgv?: readonly string[]): Promise<Target & { gateway: OwnGateway }>;
  /** Sentences for the report about what could not be had. */
  notes: string[];
}

/** The fake upstream steers by the model's name: whole answers, or streams of so many chunks so many ms apart. */
const MODELS = ['whole', 'stream-30-0', 'stream-200-0', 'stream-1000-0', 'stream-5-10'] as const;
export type Model = (typeof MODELS)[number];

export function chatBody(model: Model): string {
  const messages = [
    { role: 'system', content: 'You are a terse assistant that answers in one sentence.' },
    { role: 'user', content: 'Describe the river near the old bridge in the early morning of a winter day.' },
  ];
  const stream = model.startsWith('stream-') ? { stream: true } : {};
  return JSON.stringify({ model, messages, temperature: 0.2, ...stream });
}

/** @returns a key under every kind of limit, none of which binds: its requests are held and settled. */
async function prepare(stack: Stack, upstream: Gateway): Promise<string> {
  const baseUrl = `http://127.0.0.1:${upstream.port}/v1`;
  const admin = await importInto(stack.ready, {
    version: 1,
    upstreams: [{ name: 'bench', format: 'openai-chat', vendor: 'openai-compatible', baseUrl }],
    credentials: [{ upstream: 'bench', name: 'bench', secret: 'bench-credential' }],
    models: MODELS.map((name) => ({
      name,
      routes: [{ upstream: 'bench', model: name }],
      price: { inputPerMillion: 1.25, outputPerMillion: 10, cacheReadPerMillion: 0.125 },
    })),
  });
  return (await createLimitedKey(admin, EVERY_LIMIT)).secret;
}

export type Cleanups = (() => void | Promise<void>)[];

async function startStackForBench(cleanups: Cleanups): Promise<Stack> {
  const assembly = synthesizeForTests();
  cleanups.push(assembly.remove);
  const dataDirectory = temporaryDirectory('bench');
  cleanups.push(() => removeDirectory(dataDirectory));
  const stack = await startStack({ cloudAssembly: assembly.directory, dataDirectory, adapter: 'node' });
  cleanups.push(async () => {
    await stack.stop();
  });
  return stack;
}

/** @returns its program, or a sentence that says why it is not there */
function findPortkey(): { program: string } | { missing: string } {
  try {
    return { program: installPortkey() };
  } catch (error) {
    const missing = `**Portkey's gateway is not in this table**: ${error instanceof Error ? error.message : String(error)}`;
    console.error(`\n!!! ${missing}\n`);
    return { missing };
  }
}

/** Processes of their own for the load, the fake upstream, each gateway and the embedded store. */
export async function setTheStage(facts: { rounds: number; withPortkey: boolean }, cleanups: Cleanups): Promise<Bench> {
  const portkey = facts.withPortkey ? findPortkey() : null;
  const stack = await startStackForBench(cleanups);
  const keep = async <Kept extends { stop(): Promise<void> }>(starting: Promise<Kept>): Promise<Kept> => {
    const kept = await starting;
    cleanups.push(kept.stop);
    return kept;
  };
  const upstream = await keep(startGateway('upstream.mjs'));
  const authorization = `Bearer ${await prepare(stack, upstream)}`;
  const relayEnvironment = {
    ...environmentOf(stack, 'relay'),
    BENCH_SERVER_MODULE: join(stack.dataDirectory, 'run', 'relay', 'server.mjs'),
  };
  const startRelay: Bench['startRelay'] = async (env = {}, execArgv = []) => ({
    gateway: await startGateway('relay.mjs', { ...relayEnvironment, ...env }, execArgv),
    headers: { ...stack.ready.relayHeaders, authorization },
  });
  const start = async (place: StartablePlace): Promise<Target> => {
    if (place === 'relay') return startRelay();
    if (place === 'bare') {
      const env = { UPSTREAM_PORT: String(upstream.port) };
      return { gateway: await startGateway('bare.mjs', env), headers: { authorization } };
    }
    if (portkey === null || 'missing' in portkey) throw new Error('Portkey is not there to be started.');
    const headers = { authorization, ...portkeyHeaders(upstream.port) };
    return { gateway: await startPortkey(portkey.program), headers };
  };
  const places: StartablePlace[] = ['bare', ...(portkey && 'program' in portkey ? ['portkey' as const] : []), 'relay'];
  const targets = new Map<Place, Target>([['upstream', { gateway: upstream, headers: { authorization } }]]);
  for (const place of places) {
    const target = await start(place);
    cleanups.push(target.gateway.stop);
    targets.set(place, target);
  }
  const load = await keep(startLoad());
  const notes = portkey && 'missing' in portkey ? [portkey.missing] : [];
  return { rounds: facts.rounds, load, stack, targets, relayEnvironment, start, startRelay, notes };
}

/** A target that is always there. */
export function targetAt(bench: Bench, place: Place): Target {
  const target = bench.targets.get(place);
  if (target === undefined) throw new Error(`${place} is not part of this run`);
  return target;
}
