import { healthAnswer } from '@sluice/contract/health';
import { z } from 'zod';
import { redirectToDocumentation, showDocumentation, showOpenApi } from '../resources/documentation.ts';
import { showHealth } from '../resources/health.ts';
import { publicRoute, type AdminRoute } from '../route.ts';

export function healthRoutes(all: () => readonly AdminRoute[]): AdminRoute[] {
  const tag = 'Service';
  const health = {
    method: 'GET',
    tag,
    summary: 'State of the service',
    answer: healthAnswer,
    run: showHealth,
  } as const;
  const text = { method: 'GET', tag, answer: null } as const;
  return [
    publicRoute({ ...health, path: '/health' }),
    publicRoute({ ...health, path: '/api/health' }),
    publicRoute({
      method: 'GET',
      path: '/api/openapi.json',
      tag,
      summary: 'This API as an OpenAPI 3.1 document',
      answer: z.looseObject({ openapi: z.string() }),
      run: (services) => showOpenApi(services, all()),
    }),
    publicRoute({
      ...text,
      path: '/api/docs',
      summary: 'This API as a page',
      run: (services) => showDocumentation(services, all()),
    }),
    publicRoute({
      ...text,
      path: '/api/redoc',
      summary: 'Leads to /api/docs',
      status: 302,
      run: redirectToDocumentation,
    }),
  ];
}
