import { successOf } from '@sluice/contract/envelopes';
import { usageFileQuery, usageLogs, usageLogsQuery, usageStats, usageStatsQuery } from '@sluice/contract/usage';
import { usageStory } from '@sluice/contract/usage-story';
import { showUsageStats } from '../resources/usage-stats.ts';
import { showUsageStory } from '../resources/usage-story.ts';
import { exportUsageLogs, listUsageLogs } from '../resources/usage.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function usageRoutes(): AdminRoute[] {
  const tag = 'Usage';
  const access = 'usage:own';
  return [
    route({ method: 'GET', path: '/api/usage/stats', tag, summary: 'Sums over a range', access,
      query: usageStatsQuery, answer: successOf(usageStats), run: showUsageStats }),
    route({ method: 'GET', path: '/api/usage/logs', tag, summary: 'Requests, newest first', access,
      query: usageLogsQuery, answer: successOf(usageLogs), run: listUsageLogs }),
    route({ method: 'GET', path: '/api/usage/logs.csv', tag, summary: 'Requests as CSV, newest first', access,
      query: usageFileQuery, audit: { of: 'administrators' }, answer: null, run: exportUsageLogs }),
    route({ method: 'GET', path: '/api/usage/requests/{id}', tag, summary: "One request's whole story", access,
      answer: successOf(usageStory), run: showUsageStory }),
  ];
}
