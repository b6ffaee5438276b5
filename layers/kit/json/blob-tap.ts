import { createBase64Decoder, type Base64Decoder } from '../stream/base64-decoder.ts';

/*
 * Takes large base64 texts out of JSON while it arrives. What remains is JSON again, small, with a name in the place of
 * each text; the texts go on as bytes, piece by piece, and are never whole in memory here. It reads strings and nothing
 * else of the grammar, so that streams of server-sent events, each with its JSON in one line, can be read as well:
 * outside of a string no quote stands there, and a line end, which no string contains, ends whatever was misread.
 */

/** Where the bytes of one text go. */
export interface BlobWriter {
  /** Resolves when more may come. */
  write(bytes: Buffer): void | Promise<void>;
  /** The text has ended. */
  end(): void | Promise<void>;
}

export interface BlobTapOptions {
  /** Members whose texts are taken out, at any depth. */
  keys: readonly string[];
  /** What stands in the place of the text. Base64 or plain ASCII without quotes. */
  nameOf(index: number): string;
  /** Called at the first byte of each text; an empty one stays where it is. */
  open(index: number): BlobWriter;
}

export interface BlobTap {
  /** Feeds a chunk. Resolves to what remains of it when its texts have been written. */
  push(chunk: Buffer): Promise<Buffer>;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const LF = 0x0a;
const MOST_KEY_BYTES = 64;
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, LF, 0x0d]);

interface TapState {
  where: 'outside' | 'string' | 'blob';
  /** Of the string that is read: its beginning, as far as a key is long. */
  text: string;
  escaped: boolean;
  /** The last string was a member's name that is looked for: `name`, then `colon`. */
  key: 'none' | 'name' | 'colon';
  blob: OpenBlob | null;
  count: number;
}

interface OpenBlob {
  decoder: Base64Decoder;
  writer: BlobWriter | null;
  /** Of an escape that was cut. */
  rest: string;
  /** The beginning, until it is known whether it is a data URL. */
  head: string | null;
}

export function createBlobTap(options: BlobTapOptions): BlobTap {
  const state: TapState = { where: 'outside', text: '', escaped: false, key: 'none', blob: null, count: 0 };
  const keys = new Set(options.keys);
  return {
    async push(chunk) {
      const kept: Buffer[] = [];
      let from = 0;
      let at = 0;
      while (at < chunk.length) {
        if (state.where === 'blob') {
          const end = chunk.indexOf(QUOTE, at);
          const stop = end < 0 ? chunk.length : end;
          await takeIn(state, options, chunk.toString('latin1', at, stop));
          if (end >= 0) kept.push(...(await close(state, options)));
          from = at = stop;
        } else if (state.where === 'string') {
          at = readString(state, chunk, at, keys);
        } else {
          at = readOutside(state, chunk, at);
          if (state.blob !== null) {
            kept.push(chunk.subarray(from, at));
            from = at;
          }
        }
      }
      if (from < chunk.length && state.where !== 'blob') kept.push(chunk.subarray(from));
      return kept.length === 1 ? (kept[0] as Buffer) : Buffer.concat(kept);
    },
  };
}

/** Up to and with the quote at which a string begins. */
function readOutside(state: TapState, chunk: Buffer, start: number): number {
  for (let at = start; at < chunk.length; at += 1) {
    const byte = chunk[at] as number;
    if (byte === QUOTE) {
      if (state.key === 'colon') {
        state.where = 'blob';
        state.blob = { decoder: createBase64Decoder(), writer: null, rest: '', head: '' };
      } else {
        state.where = 'string';
        state.text = '';
        state.escaped = false;
      }
      state.key = 'none';
      return at + 1;
    }
    if (byte === COLON && state.key === 'name') state.key = 'colon';
    else if (!BLANKS.has(byte)) state.key = 'none';
  }
  return chunk.length;
}

/** Up to and with the quote at which the string ends. */
function readString(state: TapState, chunk: Buffer, start: number, keys: ReadonlySet<string>): number {
  for (let at = start; at < chunk.length; at += 1) {
    const byte = chunk[at] as number;
    if (state.escaped) state.escaped = false;
    else if (byte === BACKSLASH) state.escaped = true;
    else if (byte === QUOTE || byte === LF) {
      state.where = 'outside';
      state.key = byte === QUOTE && keys.has(state.text) ? 'name' : 'none';
      return at + 1;
    }
    if (state.text.length <= MOST_KEY_BYTES) state.text += String.fromCharCode(byte);
  }
  return chunk.length;
}

const CUT_ESCAPE = /\\(?:u[0-9a-fA-F]{0,3})?$/;
const ESCAPES = /\\(?:u([0-9a-fA-F]{4})|[nrtbf]|(.))/g;

function unescape(blob: OpenBlob, piece: string): string {
  if (blob.rest === '' && !piece.includes('\\')) return piece;
  const text = blob.rest + piece;
  const cut = CUT_ESCAPE.exec(text);
  blob.rest = cut?.[0] ?? '';
  const whole = cut ? text.slice(0, cut.index) : text;
  return whole.replaceAll(ESCAPES, (_all, code?: string, other?: string) =>
    code === undefined ? (other ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

const DATA_URL = 'data:';

/** Some servers write a data URL where bare base64 belongs. */
function withoutHead(blob: OpenBlob, piece: string): string {
  if (blob.head === null) return piece;
  const text = blob.head + piece;
  const isData = text.startsWith(DATA_URL);
  if (!isData && !DATA_URL.startsWith(text)) {
    blob.head = null;
    return text;
  }
  const comma = text.indexOf(',');
  blob.head = comma < 0 ? text : null;
  return comma < 0 ? '' : text.slice(comma + 1);
}

async function takeIn(state: TapState, options: BlobTapOptions, piece: string): Promise<void> {
  const { blob } = state;
  if (blob === null || piece === '') return;
  await put(state, options, blob.decoder.push(withoutHead(blob, unescape(blob, piece))));
}

async function put(state: TapState, options: BlobTapOptions, bytes: Buffer): Promise<void> {
  const { blob } = state;
  if (blob === null || bytes.length === 0) return;
  blob.writer ??= options.open(state.count);
  await blob.writer.write(bytes);
}

/** @returns what stands in the text's place, without its quotes */
async function close(state: TapState, options: BlobTapOptions): Promise<Buffer[]> {
  const { blob } = state;
  if (blob === null) return [];
  await put(state, options, blob.decoder.end());
  state.blob = null;
  // The quote at which it ends is read as the end of a string that is no key.
  state.where = 'string';
  state.text = '"';
  state.escaped = false;
  if (blob.writer === null) return [];
  await blob.writer.end();
  const name = options.nameOf(state.count);
  state.count += 1;
  return [Buffer.from(name)];
}
