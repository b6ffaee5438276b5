import { describe, expect, test } from '@jest/globals';
import type { OutgoingHttpHeaders } from 'node:http';
import { createResponseHeadersPolicy } from '../../../../infra/local/cdn/response-headers.ts';
import type { JsonObject } from '../../../../infra/local/json.ts';

function apply(config: JsonObject, headers: OutgoingHttpHeaders, request = { method: 'GET', headers: {} }) {
  createResponseHeadersPolicy({ ResponseHeadersPolicyConfig: config })(request, headers);
  return headers;
}

describe('response headers policies', () => {
  test('override the origin only where they say so, and remove what they list', () => {
    const config = {
      RemoveHeadersConfig: { Items: [{ Header: 'Server' }] },
      SecurityHeadersConfig: {
        ContentTypeOptions: { Override: true },
        ReferrerPolicy: { ReferrerPolicy: 'same-origin', Override: false },
        StrictTransportSecurity: { AccessControlMaxAgeSec: 60, IncludeSubdomains: true, Override: true },
      },
      CustomHeadersConfig: { Items: [{ Header: 'X-A', Value: 'ours', Override: true }] },
    };
    expect(apply(config, { server: 's', 'referrer-policy': 'origin', 'x-a': 'theirs' })).toEqual({
      'referrer-policy': 'origin',
      'x-a': 'ours',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': 'max-age=60; includeSubDomains',
    });
  });

  test('open the surface to the listed origins alone', () => {
    const CorsConfig = {
      AccessControlAllowOrigins: { Items: ['https://a.example'] },
      AccessControlAllowMethods: { Items: ['ALL'] },
      AccessControlAllowHeaders: { Items: ['authorization'] },
      AccessControlAllowCredentials: false,
      OriginOverride: true,
    };
    const ask = (origin: string) => apply({ CorsConfig }, {}, { method: 'GET', headers: { origin } });
    expect(ask('https://a.example')).toEqual({ 'access-control-allow-origin': 'https://a.example', vary: 'Origin' });
    expect(ask('https://b.example')).toEqual({});
  });
});
