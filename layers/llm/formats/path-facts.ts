/** What a path says of a request in formats that say it there (Gemini). */
export interface PathFacts {
  model: string;
  stream: boolean;
  /** The stream is one JSON array in place of events. */
  jsonArray: boolean;
}
