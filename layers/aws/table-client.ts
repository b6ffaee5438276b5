/**
 * The DynamoDB operations that the table files use, over plain documents. Two implementations behave alike:
 * `signed-table-client.ts` (the relay's hot path) and `sdk-table-client.ts` (everything else).
 */

export type DocumentValue =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly DocumentValue[]
  | { readonly [name: string]: DocumentValue | undefined };

/** An item, or the values of an expression; attributes that are `undefined` are left out. */
export type Document = { readonly [name: string]: DocumentValue | undefined };

/** The full primary key of an item (and of its index entry where a page of an index begins). */
export type ItemKey = { readonly [name: string]: string | number };

/** Placeholders of the expressions of one call: `{'#p': 'phase'}` and `{':open': 'open'}`. */
export interface Placeholders {
  names?: Readonly<Record<string, string>> | undefined;
  values?: Document | undefined;
}

export interface Write extends Placeholders {
  table: string;
  condition?: string | undefined;
  /** The same write sent twice is harmless, so it is sent again when its answer was lost. Default false. */
  repeatable?: boolean | undefined;
}

export interface PutRequest extends Write {
  item: Document;
}

export interface UpdateRequest extends Write {
  key: ItemKey;
  /** Update expression. */
  update: string;
  /** Which image of the item `item` of the outcome is. Default none. */
  returns?: 'none' | 'old' | 'new' | undefined;
}

export interface DeleteRequest extends Write {
  key: ItemKey;
  returns?: 'none' | 'old' | undefined;
}

/**
 * A failed condition is an outcome, not an exception. `existing` is the item that stood in the way (null: there was
 * none). `resent` tells that an earlier sending of the same call lost its answer, so that the item may be our own.
 */
export type WriteOutcome =
  { ok: true; item: Document | null } | { ok: false; existing: Document | null; resent: boolean };

export interface GetRequest {
  table: string;
  key: ItemKey;
  /** Strongly consistent. Default false. */
  consistent?: boolean | undefined;
}

export interface QueryRequest extends Placeholders {
  table: string;
  index?: string | undefined;
  keyCondition: string;
  /** Leaves items out after they were read (and paid for); pages may then be shorter than the limit. */
  filter?: string | undefined;
  limit?: number | undefined;
  /** Where the page begins: `nextKey` of the page before. */
  startKey?: ItemKey | null | undefined;
  /** False reads from the end. Default true. */
  forward?: boolean | undefined;
  consistent?: boolean | undefined;
}

export interface ScanRequest {
  table: string;
  limit?: number | undefined;
  startKey?: ItemKey | null | undefined;
}

export interface DocumentPage {
  items: Document[];
  /** Null when nothing follows. */
  nextKey: ItemKey | null;
}

export interface BatchGetRequest {
  table: string;
  /** Any number; asked for in groups of 100. The answer is in no particular order. */
  keys: readonly ItemKey[];
  consistent?: boolean | undefined;
}

export type TransactAction =
  | ({ kind: 'put' } & Omit<PutRequest, 'repeatable'>)
  | ({ kind: 'update' } & Omit<UpdateRequest, 'repeatable' | 'returns'>)
  | ({ kind: 'delete' } & Omit<DeleteRequest, 'repeatable' | 'returns'>)
  | ({ kind: 'check'; key: ItemKey } & Omit<Write, 'repeatable'>);

/** `refused[i]` is null where action i was not at fault. */
export type TransactOutcome =
  { ok: true } | { ok: false; refused: (null | { existing: Document | null })[]; resent: boolean };

export interface TableClient {
  get(request: GetRequest): Promise<Document | null>;
  put(request: PutRequest): Promise<WriteOutcome>;
  update(request: UpdateRequest): Promise<WriteOutcome>;
  delete(request: DeleteRequest): Promise<WriteOutcome>;
  query(request: QueryRequest): Promise<DocumentPage>;
  batchGet(request: BatchGetRequest): Promise<Document[]>;
  /** All or nothing. Safe to send again after a lost answer: it carries an idempotency token. */
  transactWrite(actions: readonly TransactAction[]): Promise<TransactOutcome>;
  /** For the data migration only; never on a request path. */
  scan(request: ScanRequest): Promise<DocumentPage>;
  /** Ends the connections. */
  close(): Promise<void>;
}
