import type { ConfigurationIssue, PriceFigures } from './configuration-types.ts';
import type { PriceTier, TokenRates } from './store.ts';
import { readAmount, type Amount } from './price-list-amount.ts';

/*
 * One entry of a public price list in the form of LiteLLM's `model_prices_and_context_window.json`
 * (https://docs.litellm.ai/docs/provider_registration/add_model_pricing): dollars for a single token or piece. Prices of
 * batches and of service tiers are left aside: requests are not charged by them here.
 */

export type PriceListEntry = Readonly<Record<string, unknown>>;

export interface ReadEntry {
  /** Null: the entry names no price at all. */
  price: PriceFigures | null;
  maxOutputTokens: number | null;
  warnings: string[];
  /** What cannot be read; with any of these the rest is no good. */
  errors: ConfigurationIssue[];
}

type RateName = keyof TokenRates;
type Rates = Partial<Record<RateName, number>>;

/** As some entries of the list call what they also call, or do not, by its usual name. */
const OLDER_CACHE_READ = 'input_cost_per_token_cache_hit';

const TOKEN_RATES = new Map<string, RateName>([
  ['input_cost_per_token', 'inputMicros'],
  ['output_cost_per_token', 'outputMicros'],
  ['cache_read_input_token_cost', 'cacheReadMicros'],
  ['cache_creation_input_token_cost', 'cacheWrite5mMicros'],
  ['cache_creation_input_token_cost_above_1hr', 'cacheWrite1hMicros'],
  ['output_cost_per_reasoning_token', 'reasoningMicros'],
  ['input_cost_per_audio_token', 'audioInputMicros'],
  ['output_cost_per_audio_token', 'audioOutputMicros'],
  ['input_cost_per_image_token', 'imageInputMicros'],
  ['output_cost_per_image_token', 'imageOutputMicros'],
  [OLDER_CACHE_READ, 'cacheReadMicros'],
]);

type PieceName = 'imageMicros' | 'videoSecondMicros' | 'requestMicros' | 'webSearchMicros';

/** In the order of precedence; a mode where the field means a piece of it only. */
const PIECES: readonly { field: string; piece: PieceName; mode?: string }[] = [
  { field: 'output_cost_per_image', piece: 'imageMicros' },
  { field: 'input_cost_per_image', piece: 'imageMicros', mode: 'image_generation' },
  { field: 'output_cost_per_video_per_second', piece: 'videoSecondMicros' },
  { field: 'output_cost_per_second', piece: 'videoSecondMicros', mode: 'video_generation' },
  { field: 'input_cost_per_request', piece: 'requestMicros' },
  { field: 'input_cost_per_query', piece: 'requestMicros' },
];

const TIERED = /^(.+)_above_(\d{1,7})(k?)_tokens$/;
/** Of other ways to pay than request by request. */
const OTHER_TERMS = /_(?:batches|batch_requests|batch|flex|priority|above_\d+k?_tokens_(?:flex|priority|batches))$/;
/** Of the three sizes that a web search may have, the usual one. */
const SEARCH_SIZES = ['search_context_size_medium', 'search_context_size_low', 'search_context_size_high'];
const MOST_OUTPUT_TOKENS = 100_000_000;

/** @param path where the entry stands, for errors: `list.gpt-5` */
export function readPriceListEntry(entry: PriceListEntry, path: string): ReadEntry {
  const reading: Reading = { path, warnings: [], errors: [], base: {}, tiers: new Map(), pieces: {}, used: new Set() };
  readTokenRates(reading, entry);
  readTierList(reading, entry['tiered_pricing']);
  readPieces(reading, entry);
  noteUnused(reading, entry);
  const isPriced = Object.keys(reading.base).length > 0 || Object.keys(reading.pieces).length > 0;
  return {
    price: isPriced ? figuresOf(reading) : null,
    maxOutputTokens: readMaxOutput(entry['max_output_tokens']),
    warnings: reading.warnings,
    errors: reading.errors,
  };
}

interface Reading {
  path: string;
  warnings: string[];
  errors: ConfigurationIssue[];
  base: Rates;
  /** By threshold. */
  tiers: Map<number, Rates>;
  pieces: Partial<Record<PieceName, number>>;
  /** Fields that were read. */
  used: Set<string>;
}

const PER_MILLION_TOKENS = 12;
const PER_PIECE = 6;

/** Integer micro-dollars; undefined where nothing is said or it cannot be read. */
function amountAt(reading: Reading, field: string, value: unknown, decimals: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  const amount: Amount = readAmount(value, decimals);
  if (amount.kind === 'unreadable') {
    reading.errors.push({ path: `${reading.path}.${field}`, message: amount.message });
    return undefined;
  }
  if (amount.isRounded) {
    reading.warnings.push(`${field} ${String(value)} was rounded to a whole millionth of a dollar`);
  }
  return amount.micros;
}

function readTokenRates(reading: Reading, entry: PriceListEntry): void {
  for (const [field, value] of Object.entries(entry)) {
    const [, tiered, count, thousands] = TIERED.exec(field) ?? [];
    const name = TOKEN_RATES.get(tiered ?? field);
    if (name === undefined) continue;
    reading.used.add(field);
    const micros = amountAt(reading, field, value, PER_MILLION_TOKENS);
    if (micros === undefined) continue;
    if (field === OLDER_CACHE_READ) reading.base[name] ??= micros;
    else if (count === undefined) reading.base[name] = micros;
    else ratesAbove(reading, Number(count) * (thousands === 'k' ? 1000 : 1))[name] = micros;
  }
}

function ratesAbove({ tiers }: Reading, threshold: number): Rates {
  const rates = tiers.get(threshold) ?? {};
  tiers.set(threshold, rates);
  return rates;
}

/** The other way to write tiers: `[{range: [0, 32000], input_cost_per_token: …}, …]`. */
function readTierList(reading: Reading, list: unknown): void {
  if (!Array.isArray(list)) return;
  reading.used.add('tiered_pricing');
  for (const [index, tier] of list.entries()) {
    const at = `tiered_pricing[${index}]`;
    const { range, ...fields } = isObject(tier) ? tier : {};
    const from: unknown = Array.isArray(range) ? range[0] : undefined;
    if (typeof from !== 'number' || !Number.isSafeInteger(from) || from < 0) {
      reading.errors.push({ path: `${reading.path}.${at}.range`, message: 'Expected where the tier begins' });
      continue;
    }
    const rates = from === 0 ? reading.base : ratesAbove(reading, from);
    for (const [field, value] of Object.entries(fields)) {
      const name = TOKEN_RATES.get(field);
      const micros = name && amountAt(reading, `${at}.${field}`, value, PER_MILLION_TOKENS);
      if (name && micros !== undefined) rates[name] = micros;
    }
  }
}

function readPieces(reading: Reading, entry: PriceListEntry): void {
  for (const { field, piece, mode } of PIECES) {
    if (mode !== undefined && entry['mode'] !== mode) continue;
    const micros = amountAt(reading, field, entry[field], PER_PIECE);
    reading.used.add(field);
    if (micros !== undefined) reading.pieces[piece] ??= micros;
  }
  const searches = entry['search_context_cost_per_query'];
  if (!isObject(searches)) return;
  reading.used.add('search_context_cost_per_query');
  const size = SEARCH_SIZES.find((name) => searches[name] != null);
  const micros = size && amountAt(reading, `search_context_cost_per_query.${size}`, searches[size], PER_PIECE);
  if (micros !== undefined && micros !== '') reading.pieces.webSearchMicros = micros;
}

/** Money that would be left out silently. */
function noteUnused(reading: Reading, entry: PriceListEntry): void {
  for (const [field, value] of Object.entries(entry)) {
    if (!field.includes('cost') || reading.used.has(field) || OTHER_TERMS.test(field)) continue;
    if (value !== 0 && value !== null) reading.warnings.push(`${field} is not used`);
  }
}

/** What the list does not price apart is read as plain input. */
function figuresOf({ base, tiers, pieces }: Reading): PriceFigures {
  const thresholds = [...tiers.keys()].toSorted((left, right) => left - right);
  const all = thresholds.map((threshold): PriceTier => {
    const rates = tiers.get(threshold) ?? {};
    return { aboveInputTokens: threshold, ...rates, ...withCaches(rates, base) };
  });
  const { imageMicros, ...morePieces } = pieces;
  return {
    inputMicros: base.inputMicros ?? 0,
    outputMicros: base.outputMicros ?? 0,
    cacheReadMicros: 0,
    cacheWrite5mMicros: 0,
    cacheWrite1hMicros: 0,
    ...withCaches(base, {}),
    reasoningMicros: base.reasoningMicros ?? null,
    audioMicros: null,
    ...directionsOf(base),
    imageMicros: imageMicros ?? null,
    ...morePieces,
    ...(all.length > 0 && { tiers: all }),
  };
}

const CACHES = ['cacheReadMicros', 'cacheWrite5mMicros', 'cacheWrite1hMicros'] as const;

/** Caches that neither these rates nor those below them price: read as input; written for an hour as for minutes. */
function withCaches(rates: Rates, below: Rates): Rates {
  const found: Rates = {};
  for (const cache of CACHES) {
    const asMinutes =
      cache === 'cacheWrite1hMicros' ? (rates.cacheWrite5mMicros ?? below.cacheWrite5mMicros) : undefined;
    const micros = rates[cache] ?? (below[cache] === undefined ? (asMinutes ?? rates.inputMicros) : undefined);
    if (micros !== undefined) found[cache] = micros;
  }
  return found;
}

const DIRECTIONS = ['audioInputMicros', 'audioOutputMicros', 'imageInputMicros', 'imageOutputMicros'] as const;

function directionsOf(rates: Rates): Rates {
  return Object.fromEntries(DIRECTIONS.flatMap((name) => (rates[name] === undefined ? [] : [[name, rates[name]]])));
}

function readMaxOutput(value: unknown): number | null {
  const tokens = typeof value === 'string' ? Number(value) : value;
  if (typeof tokens !== 'number' || !Number.isInteger(tokens)) return null;
  return tokens >= 1 && tokens <= MOST_OUTPUT_TOKENS ? tokens : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
