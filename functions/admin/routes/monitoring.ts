import { metricsAnswer, metricsQuery } from '@sluice/contract/monitoring';
import { showMetrics } from '../resources/metrics.ts';
import { route, type AdminRoute } from '../route.ts';

export function monitoringRoutes(): AdminRoute[] {
  return [
    route({
      method: 'GET',
      path: '/api/admin/metrics',
      tag: 'Monitoring',
      summary: 'How the gateway serves: now, over time, or against the time before',
      access: 'monitoring:read',
      query: metricsQuery,
      answer: metricsAnswer,
      run: showMetrics,
    }),
  ];
}
