import { auditVerifyAnswer } from '@sluice/contract/audit';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';

type Stretch = z.output<typeof auditVerifyAnswer>['data'];

export interface Verified {
  /** Entries that were proved. */
  checked: number;
  /** Actions that were begun and not ended. */
  open: number;
  head: Stretch['head'];
  broken: Stretch['broken'];
}

/** Proves the whole chain, one stretch after another, as far as it holds. `checked` tells how far it has come. */
export function useVerifyAudit() {
  const [checked, setChecked] = useState(0);
  const verification = useMutation({
    mutationFn: async (): Promise<Verified> => {
      let from: string | undefined;
      let proved = 0;
      setChecked(0);
      for (;;) {
        const stretch: Stretch = await callApi({
          path: '/api/admin/audit/verify',
          query: { from },
          schema: auditVerifyAnswer.shape.data,
        });
        proved += stretch.checked;
        setChecked(proved);
        const { broken, head, open, next } = stretch;
        if (broken !== null || next === null) return { checked: proved, broken, head, open };
        from = next;
      }
    },
  });
  return { ...verification, checked };
}
