import { useQuery } from '@tanstack/react-query';
import { dashboardQuery } from '../../lib/api/dashboard.ts';
import { may, useSession } from '../../lib/api/session.ts';
import { useChangeUserSettings, userSettingsQuery } from '../../lib/api/user-settings.ts';
import { credentialUpstreamsQuery } from './api/credential-upstreams.ts';
import { stepsOf, type GuideFacts, type Step } from './steps.ts';

/** How often it is asked whether somebody got further elsewhere: by curl, in another tab. */
const REFRESH_MS = 5_000;

export interface GuideState {
  facts: GuideFacts;
  steps: readonly Step[];
  /** Whether whoever is logged in wants to see no guide on the overview, or needs none any more. */
  isPutAway: boolean;
  /** `finished`: all of it was done; `hidden`: it is not wanted. */
  putAway: (how: 'finished' | 'hidden') => void;
}

/** How far the caller is, from what there really is; undefined until that is known, or when it cannot be. */
export function useGuide(): { guide: GuideState | undefined; error: unknown; retry: () => void } {
  const { data: session } = useSession();
  const mayAddCredentials = may(session, 'credentials:manage');
  const settings = useQuery(userSettingsQuery);
  const choice = settings.data?.preferences['guide'];
  const isPutAway = choice === 'finished' || choice === 'hidden';
  const dashboard = useQuery({ ...dashboardQuery, refetchInterval: isPutAway ? false : REFRESH_MS });
  const upstreams = useQuery({ ...credentialUpstreamsQuery, enabled: mayAddCredentials });
  const { mutate } = useChangeUserSettings();
  const questions = mayAddCredentials ? [settings, dashboard, upstreams] : [settings, dashboard];
  const answer = {
    error: questions.find(({ error }) => error)?.error ?? null,
    retry: () => void Promise.all(questions.map((question) => question.refetch())),
  };
  if (!settings.data || !dashboard.data || (mayAddCredentials && !upstreams.data))
    return { ...answer, guide: undefined };
  const facts: GuideFacts = {
    mayAddCredentials,
    upstreams: upstreams.data ?? [],
    keys: dashboard.data.keys.total,
    lastRequest: dashboard.data.recent[0]?.request_id ?? null,
    hasSeenLog: choice === 'finished',
  };
  const putAway: GuideState['putAway'] = (how) => mutate({ preferences: { guide: how } });
  return { ...answer, guide: { facts, steps: stepsOf(facts), isPutAway, putAway } };
}
