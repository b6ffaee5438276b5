import { configurationDocument, importQuery, importReport } from '@sluice/contract/configuration-document';
import { successOf } from '@sluice/contract/envelopes';
import { scheduleParameters, scheduleReport } from '@sluice/contract/schedules';
import { exportDocument, importDocument } from '../resources/configuration.ts';
import { runSchedule } from '../resources/schedules.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function operationRoutes(): AdminRoute[] {
  const tag = 'Configuration';
  return [
    route({ method: 'POST', path: '/api/admin/import', tag, summary: 'Import a configuration document',
      access: 'configuration:import', query: importQuery, body: configurationDocument, answer: successOf(importReport),
      maxBodyBytes: 16 * 1024 * 1024, run: importDocument }),
    route({ method: 'GET', path: '/api/admin/export', tag, summary: 'The configuration document, without secrets',
      access: 'configuration:export', audit: { of: 'everybody' }, answer: configurationDocument, run: exportDocument }),
    route({ method: 'POST', path: '/api/admin/schedules/{name}/run', tag: 'Schedules',
      summary: 'Run a schedule now and wait for its report', access: 'schedules:run', body: scheduleParameters,
      answer: successOf(scheduleReport), run: runSchedule }),
  ];
}
