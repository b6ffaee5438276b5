import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { MediaJob } from '../media/job.ts';

/** What an exchange that is a job's run tells while it runs; `exchange.run` is null for all others. */
export interface JobRun {
  readonly job: MediaJob;
  /**
   * Right before the upstream is asked, once a call. From here on no other runner begins anew.
   * @returns why nobody may be asked: another runner has the job, or its client cancelled it
   */
  sending(): Promise<GatewayError | null>;
  /** The call was refused for certain and nothing came of it: somebody else may be asked. */
  refused(): void;
  /**
   * Right after the upstream has taken a generation on: what `resume` needs, its id above all, as JSON.
   * @returns as `sending`
   */
  keepUpstream(state: string): Promise<GatewayError | null>;
  /** Percent. Written along with the next sign of life. */
  progress(percent: number): void;
  /** The answer is in the sink, and its usage is about to be settled: from here on it can no longer be lost. */
  answered(): Promise<void>;
}
