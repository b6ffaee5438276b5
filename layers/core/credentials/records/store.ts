import type { Credential, CredentialKind } from '../store.ts';

/*
 * Credentials as a list that may be long: every question reads the page it answers with and little more.
 * `layers/aws/tables/credential-records.ts` implements the store.
 */

/** What a list can be narrowed by without reading what it leaves out. */
export interface RecordFacets {
  upstream?: string | undefined;
  kind?: CredentialKind | undefined;
  /** By the operator. */
  enabled?: boolean | undefined;
  /** Any of these, as `foldText` writes them. */
  tags?: readonly string[] | undefined;
  /** First instant, epoch milliseconds. */
  createdFrom?: number | undefined;
  /** The instant after the last one. */
  createdTo?: number | undefined;
}

export interface RecordPage {
  credentials: Credential[];
  /** Null when nothing follows. A page may be shorter than its limit, or empty, and go on all the same. */
  nextCursor: string | null;
}

export interface PlaceOfRecord {
  upstream: string;
  credentialId: string;
}

export interface CredentialRecords {
  /** Newest first. Of kind, upstream and tags only one narrows what is read; the others are for the caller to check. */
  list(facets: RecordFacets, page: { limit: number; cursor: string | null }): Promise<RecordPage>;
  /** Those with this text, as `foldText` writes it, in one of `searchedTexts`; by the text from there on. */
  search(text: string, page: { limit: number; cursor: string | null }): Promise<RecordPage>;
  /** Folded tags that contain the text, at most so many; some may be nobody's any more. */
  findTags(text: string, limit: number): Promise<string[]>;
  /** In no order; those that are gone are left out. */
  findMany(places: readonly PlaceOfRecord[]): Promise<Credential[]>;
  /**
   * Writes a credential's proxy or client id over what was read of it, and nothing else of the row.
   * False: it was changed or deleted meanwhile.
   */
  reassign(before: Credential, change: Reassignment, now: number): Promise<boolean>;
}

export interface Reassignment {
  proxy?: Pick<Credential, 'proxyUrl' | 'proxyAuth' | 'proxyAuthDigest' | 'proxyMember'>;
  clientId?: string | null;
}

/** How texts are compared: neither case nor spelling of the same letters matters. */
export function foldText(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** A search of one letter would find everything. */
export const SHORTEST_SEARCH = 2;

/** What `search` looks into, folded. */
export function searchedTexts({ name, email, bizId, id }: Credential): string[] {
  return [name, email ?? '', bizId ?? '', id].filter((text) => text !== '').map(foldText);
}
