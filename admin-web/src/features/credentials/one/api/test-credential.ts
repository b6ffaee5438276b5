import { credentialTestReport, type credentialTest } from '@sluice/contract/credential-tests';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../../lib/api-client.ts';
import { CREDENTIALS } from '../../api/list-credentials.ts';
import { pathOf, type Place } from './credential.ts';

export type TestReport = z.output<typeof credentialTestReport>;
type TestInput = z.input<typeof credentialTest>;

/** One call under the credential; that it fails is an answer. */
export function useTestCredential() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ place, input }: { place: Place; input: NonNullable<TestInput> }) =>
      callApi({ method: 'POST', path: `${pathOf(place)}/test`, body: input, schema: credentialTestReport }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: CREDENTIALS }),
  });
}
