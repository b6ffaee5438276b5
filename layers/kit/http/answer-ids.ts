import { createRequestId } from '../ids/request-id.ts';

/** Ids as programs make them, e.g. UUIDs and trace ids; anything else is not echoed. */
const ECHOED = /^[\w.:=/+-]{1,128}$/;

/**
 * Who answered, and under which id: `x-request-id` is the client's own where it sent a fit one, else ours;
 * `x-sluice-request-id` is always ours (docs/decisions/0003).
 */
export function answerIds(
  request: { headers: Readonly<Record<string, string | undefined>> },
  nowMs: number,
  buildId: string,
): Record<string, string> {
  const ours = createRequestId(nowMs);
  const theirs = request.headers['x-request-id'] ?? '';
  return {
    'x-request-id': ECHOED.test(theirs) ? theirs : ours,
    'x-sluice-request-id': ours,
    'x-sluice-build': buildId,
  };
}
