import { ApiError } from '../../../admin-web/src/lib/api-client.ts';
import { createQueryClient, shouldRetry } from '../../../admin-web/src/lib/query-client.ts';

function failure(status: number): ApiError {
  return new ApiError({ status, code: 'x', message: 'x' });
}

describe('the policy for failed calls', () => {
  it.each([400, 401, 403, 404, 409, 422, 429])('never repeats what was refused with %i', (status) => {
    expect(shouldRetry(0, failure(status))).toBe(false);
  });

  it.each([0, 500, 503])('repeats a failure with status %i twice and no more', (status) => {
    expect([0, 1, 2].map((count) => shouldRetry(count, failure(status)))).toEqual([true, true, false]);
  });

  it('reports every call that finds nobody logged in, and no other failure', async () => {
    let refusals = 0;
    const client = createQueryClient({ onRefused: () => (refusals += 1) });
    const ask = (status: number): Promise<unknown> =>
      client
        .fetchQuery({ queryKey: [status], queryFn: () => Promise.reject(failure(status)), retry: false })
        .catch(() => null);
    await ask(401);
    await ask(403);
    expect(refusals).toBe(1);
    client.clear();
  });
});
