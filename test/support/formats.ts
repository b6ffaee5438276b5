import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEventFramer } from '@sluice/kit/stream/sse-framing';
import { parseSseEvent } from '@sluice/kit/stream/sse-event';
import type { CallContext, ClientContext, Codec, WireEvent } from '@sluice/llm/formats/codec';
import type { FormatName } from '@sluice/llm/formats/format-name';
import { featuresOf } from '@sluice/llm/formats/model-features';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import { createCarriers } from '../../layers/core/relay/carriers.ts';

/** Warnings as `code field`, in order, once each. */
export interface Warned {
  warnings: string[];
  warn: ClientContext['warn'];
}

export function collectWarnings(): Warned {
  const warnings: string[] = [];
  return {
    warnings,
    warn(code, field) {
      const line = `${code} ${field}`;
      if (!warnings.includes(line)) warnings.push(line);
    },
  };
}

export const CARRIERS = createCarriers({ seeds: { v1: 'a seed of tests, long enough to be one' } });

export function aClient(known: Partial<ClientContext> = {}): ClientContext {
  return {
    model: 'public-model',
    requestId: 'req0000000000001',
    nowSeconds: 1_760_000_000,
    wantsStreamUsage: true,
    carriers: CARRIERS,
    warn: () => undefined,
    inputTokens: null,
    request: null,
    requestBody: null,
    ...known,
  };
}

export function aCall(format: FormatName, known: Partial<CallContext> = {}): CallContext {
  return {
    model: 'upstream-model',
    features: featuresOf({}, { format, vendor: 'openai', maxOutputTokens: null }),
    outputCap: null,
    origin: `${format}@there`,
    warn: () => undefined,
    toolNames: new Map(),
    customTools: new Set(),
    ...known,
  };
}

/** The events of a stream's text, as the relay cuts them. */
export function eventsOf(sse: string | Buffer, chunkBytes = Infinity): WireEvent[] {
  const bytes = Buffer.from(sse);
  const framer = createEventFramer();
  const events: WireEvent[] = [];
  const add = (block: { bytes: Buffer; ends: readonly number[] } | null): void => {
    let start = 0;
    for (const end of block?.ends ?? []) {
      const { event, data } = parseSseEvent((block as { bytes: Buffer }).bytes.subarray(start, end));
      start = end;
      if (data !== null) events.push({ event, data });
    }
  };
  const step = Math.min(chunkBytes, Math.max(1, bytes.length));
  for (let at = 0; at < bytes.length; at += step) add(framer.push(bytes.subarray(at, at + step)));
  return events;
}

/** All parts of a stream that its upstream closes behind the last event. */
export function decodeSse(codec: Codec, sse: string | Buffer, call: CallContext, chunkBytes?: number): StreamPart[] {
  const decoder = codec.createStreamDecoder(call);
  return [...eventsOf(sse, chunkBytes).flatMap((event) => decoder.push(event)), ...decoder.end()];
}

export interface FixtureCase {
  name: string;
  /** Parsed; null without such a file. */
  json(file: string): JsonObject | null;
  text(file: string): string | null;
}

/** The golden folders of a format: `test/fixtures/formats/<format>/<case>/`. */
export function fixtureCases(format: string): FixtureCase[] {
  const root = join(import.meta.dirname, '../fixtures/formats', format);
  return readdirSync(root).map((name) => {
    const text = (file: string): string | null => {
      const path = join(root, name, file);
      return existsSync(path) ? readFileSync(path, 'utf8') : null;
    };
    return {
      name,
      text,
      json(file) {
        const read = text(file);
        return read === null ? null : (JSON.parse(read) as JsonObject);
      },
    };
  });
}
