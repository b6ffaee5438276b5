/** What an object is served with. */
export interface ObjectFacts {
  readonly contentType: string;
  readonly cacheControl: string;
  /** `attachment` for what is not to be shown. */
  readonly contentDisposition?: string | undefined;
}

export interface OpenedObject {
  readonly bytes: number;
  /** Must be read to its end or returned from, or its connection stays taken. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** One upload that a client may make by itself, without our key. */
export interface UploadTicket {
  /** One PUT of exactly the bytes that were announced; null where none were. */
  readonly put: { readonly url: string; readonly headers: Readonly<Record<string, string>> } | null;
  /** A form (`multipart/form-data`, the file last) of at most `mostBytes`. */
  readonly form: { readonly url: string; readonly fields: Readonly<Record<string, string>> };
}

export interface TicketRequest {
  readonly key: string;
  readonly contentType: string;
  /** Exactly so many; null: up to `mostBytes`. */
  readonly bytes: number | null;
  readonly mostBytes: number;
  readonly lifeSeconds: number;
}

/** Where the bytes of media are. Keys are those of `media-names.ts`. */
export interface MediaObjects {
  /**
   * Writes an object as it arrives, in parts. When the body or the writing fails, no object is left.
   * @returns its bytes
   */
  put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array, facts: ObjectFacts): Promise<number>;
  /** Null when it is not there. */
  open(key: string): Promise<OpenedObject | null>;
  /** Up to 1,000; those that are not there any more are no failure. @returns keys that could not be deleted */
  delete(keys: readonly string[]): Promise<string[]>;
  /** Keys of one prefix in their order, from behind `after`; 1,000 at most. */
  list(prefix: string, after: string | null): Promise<{ key: string; bytes: number }[]>;
  createTicket(request: TicketRequest): UploadTicket;
}
