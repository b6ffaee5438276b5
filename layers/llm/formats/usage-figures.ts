/** What a wire format says about use, as disjoint parts: no token is counted in two of them. */
export interface UsageFigures {
  /** Tokens read, of text and of what is not counted apart below. */
  input: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  output: number;
  reasoning: number;
  /** Images made, by the piece. */
  images: number;
  /** Audio tokens of requests from before their direction was recorded; nobody counts here any more. */
  audio: number;
  audioInput: number;
  audioOutput: number;
  imageInput: number;
  imageOutput: number;
  /** Whole seconds of video made. */
  videoSeconds: number;
  /** Searches that the upstream made by itself and charges by the piece. */
  webSearches: number;
}

export const NO_FIGURES: Readonly<UsageFigures> = {
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 0,
  reasoning: 0,
  images: 0,
  audio: 0,
  audioInput: 0,
  audioOutput: 0,
  imageInput: 0,
  imageOutput: 0,
  videoSeconds: 0,
  webSearches: 0,
};

/** Everything the model read, whichever way. */
export function inputTokens(usage: UsageFigures): number {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, audioInput, imageInput } = usage;
  return input + cacheRead + cacheWrite5m + cacheWrite1h + audioInput + imageInput;
}

/** Everything the model wrote, thought, said and drew. */
export function outputTokens(usage: UsageFigures): number {
  return usage.output + usage.reasoning + usage.audioOutput + usage.imageOutput;
}

/** All tokens, whatever they cost. Audio of unknown direction counts here only. */
export function totalTokens(usage: UsageFigures): number {
  return inputTokens(usage) + outputTokens(usage) + usage.audio;
}
