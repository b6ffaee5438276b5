import type { UsageFigures } from '@sluice/llm/formats/usage-figures';
import type { StoredMedium } from '../../media/media-store.ts';

/** A picture that was made and is kept. */
export interface DrawnImage {
  /** Its place among those of the request. */
  index: number;
  medium: StoredMedium;
  revisedPrompt: string | null;
  /** Its bytes, where they are few or still in memory; else they are read from where they are kept. */
  bytes: Buffer | null;
}

/** An unfinished picture, which is not kept. */
export interface DrawnPartial {
  index: number;
  partialIndex: number;
  /** Percent, as far as can be told by the number of those that were asked for. */
  progress: number;
  bytes: Buffer;
  settings: Readonly<Record<string, string>>;
}

/** What came of a request, of all of its calls together. */
export interface DrawnAnswer {
  images: readonly DrawnImage[];
  /** Text that stood beside the pictures. */
  text: string;
  usage: UsageFigures | null;
  /** Seconds since the epoch. */
  created: number;
  settings: Readonly<Record<string, string>>;
}
