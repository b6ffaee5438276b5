/** What a wire format says about use, as disjoint parts: no token is counted in two of them. */
export interface UsageFigures {
  input: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  output: number;
  reasoning: number;
  images: number;
  audio: number;
}
