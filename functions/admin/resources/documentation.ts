import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { renderDocumentation, STYLE_HASH } from '../docs-page.ts';
import { describeApi } from '../openapi.ts';
import type { AdminRoute, Answer } from '../route.ts';
import type { AdminServices } from '../services.ts';

export async function showOpenApi(services: AdminServices, routes: readonly AdminRoute[]): Promise<Answer> {
  await refuseWhenOff(services);
  return { json: describeApi(routes, services.version) };
}

export async function showDocumentation(services: AdminServices, routes: readonly AdminRoute[]): Promise<Answer> {
  await refuseWhenOff(services);
  return {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
    text: renderDocumentation(describeApi(routes, services.version)),
  };
}

export async function redirectToDocumentation(services: AdminServices): Promise<Answer> {
  await refuseWhenOff(services);
  return { status: 302, headers: { location: '/api/docs', 'content-type': 'text/plain; charset=utf-8' }, text: '' };
}

/** Switched off, the paths look like any unknown path. */
async function refuseWhenOff(services: AdminServices): Promise<void> {
  const { apiDocs } = await services.catalog.readSettings();
  if (!apiDocs) throw new GatewayError('not_found', { message: 'API documentation is switched off here.' });
}
