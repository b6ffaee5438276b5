import { successOf } from '@sluice/contract/envelopes';
import {
  logFiles,
  logTail,
  logTailQuery,
  requestMetrics,
  systemStats,
  systemStatsQuery,
} from '@sluice/contract/system-stats';
import {
  totalsQuery,
  usageAccounts,
  usageConsumption,
  usageQuotas,
  usageSummary,
  usageTotals,
  usageViewQuery,
  userDashboard,
  userUsageAnswer,
  whoseQuery,
} from '@sluice/contract/usage-views';
import { listLogFiles, showLogTail, showRequestMetrics, showSystemStats } from '../resources/system-stats.ts';
import { showAccounts, showConsumption, showQuotas, showSummary, showTotals } from '../resources/usage-views.ts';
import { showDashboard, showUserUsage } from '../resources/user-usage.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function statsRoutes(): AdminRoute[] {
  const own = { method: 'GET', tag: 'Usage', access: 'usage:own' } as const;
  const all = { method: 'GET', tag: 'Usage', access: 'usage:any' } as const;
  return [
    route({ ...own, path: '/api/usage/summary', summary: 'Sums of today, of late and of all time',
      query: whoseQuery, answer: successOf(usageSummary), run: showSummary }),
    route({ ...own, path: '/api/usage/quotas', summary: 'What limits you, and what is left of it',
      query: whoseQuery, answer: successOf(usageQuotas), run: showQuotas }),
    route({ ...own, path: '/api/usage/consumption', summary: 'Sums of a time by day, model and key',
      query: usageViewQuery, answer: successOf(usageConsumption), run: showConsumption }),
    route({ ...own, path: '/api/usage/accounts', summary: 'Sums of a time by upstream account',
      query: usageViewQuery, answer: successOf(usageAccounts), run: showAccounts }),
    route({ ...own, path: '/api/user/usage', summary: 'Your usage page: sums, series, limits, last requests',
      query: usageViewQuery, answer: userUsageAnswer, run: showUserUsage }),
    route({ ...own, path: '/api/user/dashboard', summary: 'Your front page', answer: successOf(userDashboard),
      run: showDashboard }),
    route({ ...own, path: '/api/stats', summary: 'Totals, yours or, for administrators, of all users',
      query: totalsQuery, answer: successOf(usageTotals), run: showTotals }),
    route({ ...all, path: '/api/admin/system-stats', summary: 'All users and their usage by day',
      query: systemStatsQuery, answer: successOf(systemStats), run: showSystemStats }),
    route({ ...all, path: '/api/v1/admin/metrics', summary: 'Credentials by state, requests by hour and day',
      answer: requestMetrics, run: showRequestMetrics }),
    route({ ...all, path: '/api/v1/admin/logs/files', summary: 'Days of which requests are kept', answer: logFiles,
      run: listLogFiles }),
    route({ ...all, path: '/api/v1/admin/logs/tail', summary: 'The last requests as lines of text',
      query: logTailQuery, answer: logTail, run: showLogTail }),
  ];
}
