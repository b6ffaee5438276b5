import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StartError } from './start-error.ts';

/** How the relay processes take requests: as the function URL does, or as a plain Node server. */
type Adapter = 'function-url' | 'node';

export interface Options {
  readonly port: number;
  readonly dataDirectory: string;
  readonly reset: boolean;
  /** A configuration document to import after the start. */
  readonly importFile: string | undefined;
  readonly adapter: Adapter;
  readonly relays: number;
  /** The instant (epoch milliseconds) that all processes' clocks start from. */
  readonly clock: number | undefined;
  readonly cloudAssembly: string;
}

const USAGE = `Options: [--port N] [--data DIR] [--reset] [--import FILE] [--adapter function-url|node]
         [--relays N] [--clock ISO] [--cloud-assembly DIR]`;

const DEFAULT_PORT = 8787;
const MAX_RELAYS = 64;

/** Reads the command line. @throws StartError naming what is wrong with it. */
export function readOptions(args: readonly string[]): Options {
  const values = parse(args);
  return {
    port: readInteger('--port', values.port ?? String(DEFAULT_PORT), 0, 65_535),
    dataDirectory: resolve(values.data ?? '.sluice'),
    reset: values.reset ?? false,
    importFile: values.import === undefined ? undefined : resolve(values.import),
    adapter: readAdapter(values.adapter ?? 'function-url'),
    relays: readInteger('--relays', values.relays ?? '1', 1, MAX_RELAYS),
    clock: values.clock === undefined ? undefined : readInstant(values.clock),
    cloudAssembly: resolve(values['cloud-assembly'] ?? 'cdk.out'),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        reset: { type: 'boolean' },
        import: { type: 'string' },
        adapter: { type: 'string' },
        relays: { type: 'string' },
        clock: { type: 'string' },
        'cloud-assembly': { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new StartError(`${error instanceof Error ? error.message.split('. ')[0] : String(error)}.\n${USAGE}`);
  }
}

function readInteger(name: string, text: string, lowest: number, highest: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= lowest && value <= highest) return value;
  throw new StartError(`${name} takes a whole number from ${lowest} to ${highest}, not "${text}".`);
}

function readAdapter(text: string): Adapter {
  if (text === 'function-url' || text === 'node') return text;
  if (text === 'web') {
    throw new StartError('--adapter web needs the Web Function adapter, which this version does not have.');
  }
  throw new StartError(`--adapter takes function-url or node, not "${text}".`);
}

function readInstant(text: string): number {
  const instant = Date.parse(text);
  if (!Number.isNaN(instant)) return instant;
  throw new StartError(`--clock takes an instant such as 2027-01-31T23:59:00Z, not "${text}".`);
}
