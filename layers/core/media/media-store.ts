/** What a medium is, as lists and totals of the console tell them apart. */
export type MediaKind = 'image' | 'video';

export interface MediaInput {
  readonly kind: MediaKind;
  /** Ledger account (the user's id) that the medium belongs to; goes with it. */
  readonly owner: string;
  /** What the sender called it. What the bytes begin with wins; a type that is not known is served as a download. */
  readonly contentType?: string | undefined;
  readonly body: AsyncIterable<Uint8Array> | Uint8Array;
  /** Milliseconds; the medium lives until the next local midnight after it. */
  readonly createdAt: number;
}

export interface StoredMedium {
  /** `/images/<expiry>/<random>.<ext>`, without an origin. */
  readonly path: string;
  /** The whole address, under an origin such as `https://gateway.example`. */
  url(origin: string): string;
  readonly bytes: number;
  /** By sniffing. */
  readonly contentType: string;
  /** Milliseconds. From this second on the CDN answers 404. */
  readonly expiresAt: number;
}

export interface OpenedMedium {
  /** By sniffing. */
  readonly contentType: string;
  readonly bytes: number;
  /** Reads the object as it arrives; must be read to its end or returned from. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Keeps what was generated and what was uploaded until the next local midnight (architecture.md §8). */
export interface MediaStore {
  /**
   * Writes a medium as it arrives, holding a few megabytes of it at a time at most.
   * @throws GatewayError `file_too_large` over the cap of one object, `empty_file` without a byte
   */
  write(input: MediaInput): Promise<StoredMedium>;

  /**
   * Opens what a client refers to in the place of an image: `upload://<id>` of its own presigned upload,
   * or a path of ours such as `/images/upload-….png` (see `referenceOf`).
   * @throws GatewayError `upload_not_found` when it is not there (any more) or not this owner's, `unsupported_file` when
   *   its bytes are no image, `empty_file`, `file_too_large`
   */
  openUpload(reference: string, owner: string): Promise<OpenedMedium>;

  /** What was just written, once more: whatever it is, and though midnight has struck meanwhile. */
  reopen(medium: Pick<StoredMedium, 'path' | 'contentType'>): Promise<OpenedMedium>;
}
