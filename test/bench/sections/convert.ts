import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createEventFramer } from '@sluice/kit/stream/sse-framing';
import { createStreamConverter } from '@sluice/llm/convert/stream';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import { callOf, clientOf, PAIRS, type Pair } from '../../support/pairs.ts';
import { median } from '../figures.ts';
import type { Row, Section } from '../report.ts';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';

/** Of a long answer: it thinks, talks and calls two tools. */
const TEXTS = 800;
const THOUGHTS = 200;
const ARGUMENTS = 200;
/** What one read of a socket brings. */
const CHUNK_BYTES = 4_096;
const TARGET_EVENTS_PER_SECOND = 100_000;

const SAID = ['The ', 'weather', ' in', ' Paris', ' is', ' “mild”', ', with', ' a light', ' breeze', '.\n'];

/** The answer as parts, one delta for each piece that a model writes. */
function longAnswer(): StreamPart[] {
  const parts: StreamPart[] = [{ type: 'response-start', id: 'msg_1', model: 'upstream-model', usage: null }];
  parts.push({ type: 'block-start', block: 0, choice: 0, content: { type: 'reasoning' } });
  for (let at = 0; at < THOUGHTS; at += 1) {
    parts.push({ type: 'reasoning-delta', block: 0, text: SAID[at % SAID.length] as string });
  }
  parts.push({ type: 'block-end', block: 0 }, { type: 'block-start', block: 1, choice: 0, content: { type: 'text' } });
  for (let at = 0; at < TEXTS; at += 1) {
    parts.push({ type: 'text-delta', block: 1, text: SAID[at % SAID.length] as string });
  }
  parts.push({ type: 'block-end', block: 1 });
  for (const block of [2, 3]) {
    parts.push({
      type: 'block-start',
      block,
      choice: 0,
      content: { type: 'tool-call', id: `call_${block}`, name: 'f' },
    });
    for (let at = 0; at < ARGUMENTS / 2; at += 1) {
      // One long list of objects, so that the pieces are JSON when they are put together.
      const text = at === 0 ? '{"all":[' : at === ARGUMENTS / 2 - 1 ? '0]}' : at % 2 === 0 ? '"two",' : '1,';
      parts.push({ type: 'arguments-delta', block, text });
    }
    parts.push({ type: 'block-end', block });
  }
  const usage = {
    ...NO_FIGURES,
    input: 900,
    output: 1_000,
    reasoning: 200,
  };
  parts.push({ type: 'choice-end', choice: 0, finish: { reason: 'tool-calls', stopSequence: null } });
  parts.push({ type: 'response-end', usage, serviceTier: null });
  return parts;
}

interface Upstreamed {
  chunks: Buffer[];
  events: number;
}

function upstreamed({ upstream }: Pair): Upstreamed {
  const events = upstream.stream(longAnswer());
  const bytes = Buffer.from(events.join(''));
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) chunks.push(bytes.subarray(at, at + CHUNK_BYTES));
  return { chunks, events: events.length };
}

/** One stream, from the upstream's bytes to the client's; the bytes that go out. */
function convertOnce({ client, upstream }: Pair, { chunks }: Upstreamed): number {
  const framer = createEventFramer();
  const converter = createStreamConverter({
    decoder: upstream.codec.createStreamDecoder(callOf(upstream)),
    encoder: client.codec.createStreamEncoder(clientOf(client)),
  });
  let sent = 0;
  for (const chunk of chunks) {
    const block = framer.push(chunk);
    sent += (block && converter.see(block)?.length) ?? 0;
  }
  sent += converter.close()?.length ?? 0;
  if (converter.failed || !converter.ended) throw new Error(`${upstream.name} for ${client.name} does not end well`);
  return sent;
}

/** Events for each second of this process's own CPU time, its collector's included. */
function eventsPerSecond(pair: Pair, stream: Upstreamed): number {
  const streams = 60;
  const before = process.cpuUsage();
  for (let turn = 0; turn < streams; turn += 1) convertOnce(pair, stream);
  const { user, system } = process.cpuUsage(before);
  return (streams * stream.events * 1e6) / (user + system);
}

/** What one stream leaves to the collector, heap and buffers. */
function bytesPerEvent(pair: Pair, stream: Upstreamed, collect: () => void): number {
  collect();
  const before = process.memoryUsage();
  convertOnce(pair, stream);
  const after = process.memoryUsage();
  return (after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers) / stream.events;
}

/** Every language into every other: events per second of one core, and bytes allocated for each. */
export function measureConversion({ rounds }: { rounds: number }): Promise<Section> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const rows = PAIRS.map((pair): Row => {
    const stream = upstreamed(pair);
    for (let turn = 0; turn < 40; turn += 1) convertOnce(pair, stream);
    const speeds = Array.from({ length: rounds }, () => eventsPerSecond(pair, stream));
    const allocated = median(Array.from({ length: rounds }, () => bytesPerEvent(pair, stream, collect)));
    const speed = median(speeds);
    return {
      name: `${pair.upstream.name} → ${pair.client.name} (${Math.round(allocated)} bytes allocated per event)`,
      unit: 'events/s per core',
      values: { relay: speed },
      result: speed,
      resultMeans: '',
      target: TARGET_EVENTS_PER_SECOND,
      atLeast: true,
    };
  });
  const notes = ['Conversion alone, from the upstream’s bytes to the client’s: framing, reading, writing; no network.'];
  return Promise.resolve({ rows, notes });
}
