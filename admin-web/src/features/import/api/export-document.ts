import { configurationDocument } from '@sluice/contract/configuration-document';
import { useMutation } from '@tanstack/react-query';
import { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';

/** As it came: parsing would read prices and instants into other units. */
const asWritten = z.unknown().refine((document) => configurationDocument.safeParse(document).success);

export interface Exported {
  text: string;
  /** Entries by section of the document, in its order. */
  counts: readonly { section: string; count: number }[];
}

/** The configuration document of this gateway. Each export stands in the audit log. */
export function useExportDocument() {
  return useMutation({
    mutationFn: async (): Promise<Exported> => {
      const document = await callBareApi({ path: '/api/admin/export', schema: asWritten });
      return { text: `${JSON.stringify(document, null, 2)}\n`, counts: countsOf(document) };
    },
  });
}

function countsOf(document: unknown): Exported['counts'] {
  return Object.entries(document as Record<string, unknown>)
    .filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]))
    .map(([section, entries]) => ({ section, count: entries.length }));
}
