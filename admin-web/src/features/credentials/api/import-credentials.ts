import { credentialImportReport } from '@sluice/contract/credential-records';
import { callApi } from '../../../lib/api-client.ts';
import type { ImportLine } from '../list/import-lines.ts';
import { inParts, type LongWork } from '../list/long-work.ts';

/** What all lines have in common. Absent fields are left to the server's lists. */
export interface ImportCommon {
  upstream: string;
  what: 'refreshTokens' | 'secrets';
  tag?: string | undefined;
  clientId?: string | undefined;
  /** null: none. */
  proxyUrl?: string | null | undefined;
}

export interface ImportResult {
  line: ImportLine;
  outcome: 'created' | 'exists' | 'failed';
  message: string;
  id: string | null;
}

const PART = 50;

/** Seals each line as a credential of its own. Blank and repeated lines are expected to be gone. */
export function importWork(lines: readonly ImportLine[], common: ImportCommon): LongWork<ImportResult> {
  const { what, ...rest } = common;
  return inParts(lines, PART, async (part, signal) => {
    const { results } = await callApi({
      method: 'POST',
      path: '/api/admin/credentials/import',
      body: { ...rest, [what]: part.map(({ secret }) => secret) },
      schema: credentialImportReport.shape.data,
      signal,
    });
    return results.flatMap(({ line, outcome, message, id }) => {
      const sent = part[line - 1];
      if (sent === undefined) return [];
      const isPlain = outcome === 'created' || outcome === 'exists';
      return [{ line: sent, outcome: isPlain ? outcome : ('failed' as const), message, id }];
    });
  });
}
