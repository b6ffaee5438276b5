import { importReport } from '@sluice/contract/configuration-document';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';
import { rememberFreshKey } from '../../../lib/fresh-key.ts';

export type ImportReport = z.output<typeof importReport>;

const PATH = '/api/admin/import';

/** What an import of the document would do; nothing is written. It is refused for what the import would be. */
export function useCheckDocument() {
  return useMutation({
    mutationFn: (document: unknown) =>
      callApi({ method: 'POST', path: PATH, query: { dryRun: true }, body: document, schema: importReport }),
  });
}

/** Sends a configuration document. It is written as a whole or, when anything is wrong with it, not at all. */
export function useImportDocument() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (document: unknown) => callApi({ method: 'POST', path: PATH, body: document, schema: importReport }),
    onSuccess: (report) => {
      const generated = report.keys.find((key) => key.secret !== undefined)?.secret;
      if (generated !== undefined) rememberFreshKey(generated);
      return queryClient.invalidateQueries();
    },
  });
}
