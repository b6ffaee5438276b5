import type { UsageLogRow } from '@sluice/contract/usage';

export type PartName = keyof UsageLogRow['parts'];

/** In the order in which a person reads a request: what went in, then what came out. */
const ORDER: readonly PartName[] = [
  'input',
  'cache_read',
  'cache_write_5m',
  'cache_write_1h',
  'audio_input',
  'image_input',
  'output',
  'reasoning',
  'audio_output',
  'image_output',
  'audio',
  'images',
  'video_seconds',
  'web_searches',
];

/** Input and output always, the other parts where there are any. */
export function usedParts(parts: UsageLogRow['parts']): { part: PartName; amount: number }[] {
  return ORDER.filter((part) => part === 'input' || part === 'output' || parts[part] > 0).map((part) => ({
    part,
    amount: parts[part],
  }));
}

export function isPart(name: string): name is PartName {
  return ORDER.some((part) => part === name);
}
