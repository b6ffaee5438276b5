import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { booleanAt, listAt, numberAt, objectAt, textAt, type Json, type JsonObject } from '../json.ts';

/** Changes an answer's headers as a response headers policy does. */
export type ResponseHeadersPolicy = (
  request: { method: string; headers: IncomingHttpHeaders },
  headers: OutgoingHttpHeaders,
) => void;

interface FixedHeader {
  readonly name: string;
  readonly value: string;
  readonly override: boolean;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-responseheaderspolicy.html */
export function createResponseHeadersPolicy(properties: JsonObject): ResponseHeadersPolicy {
  const config = objectAt(properties['ResponseHeadersPolicyConfig']);
  const fixed = [...securityHeaders(objectAt(config['SecurityHeadersConfig'])), ...customHeaders(config)];
  const removed = itemsOf(config['RemoveHeadersConfig']).map((item) => String(item['Header']).toLowerCase());
  const cors = config['CorsConfig'] === undefined ? undefined : createCors(objectAt(config['CorsConfig']));
  return (request, headers) => {
    for (const name of removed) delete headers[name];
    cors?.(request, headers);
    for (const { name, value, override } of fixed) if (override || headers[name] === undefined) headers[name] = value;
  };
}

function securityHeaders(config: JsonObject): FixedHeader[] {
  const found: FixedHeader[] = [];
  const add = (section: string, name: string, valueOf: (part: JsonObject) => string): void => {
    if (config[section] === undefined) return;
    const part = objectAt(config[section]);
    found.push({ name, value: valueOf(part), override: booleanAt(part['Override']) ?? false });
  };
  add('ContentTypeOptions', 'x-content-type-options', () => 'nosniff');
  add('ContentSecurityPolicy', 'content-security-policy', (part) => textAt(part['ContentSecurityPolicy']) ?? '');
  add('FrameOptions', 'x-frame-options', (part) => textAt(part['FrameOption']) ?? 'DENY');
  add('ReferrerPolicy', 'referrer-policy', (part) => textAt(part['ReferrerPolicy']) ?? '');
  add('StrictTransportSecurity', 'strict-transport-security', strictTransport);
  return found;
}

function strictTransport(part: JsonObject): string {
  const flags = [
    booleanAt(part['IncludeSubdomains']) ? '; includeSubDomains' : '',
    booleanAt(part['Preload']) ? '; preload' : '',
  ];
  return `max-age=${numberAt(part['AccessControlMaxAgeSec']) ?? 0}${flags.join('')}`;
}

function customHeaders(config: JsonObject): FixedHeader[] {
  return itemsOf(config['CustomHeadersConfig']).map((item) => ({
    name: String(item['Header']).toLowerCase(),
    value: String(item['Value']),
    override: booleanAt(item['Override']) ?? false,
  }));
}

function createCors(config: JsonObject): ResponseHeadersPolicy {
  const origins = textsOf(config['AccessControlAllowOrigins']);
  const methods = textsOf(config['AccessControlAllowMethods']).flatMap((method) =>
    method === 'ALL' ? ALL_METHODS : method,
  );
  const override = booleanAt(config['OriginOverride']) ?? false;
  const maxAge = numberAt(config['AccessControlMaxAgeSec']);
  return ({ method, headers: request }, headers) => {
    const { origin } = request;
    if (origin === undefined || !origins.some((allowed) => isAllowedOrigin(allowed, origin))) return;
    const set = (name: string, value: string): void => {
      if (value !== '' && (override || headers[name] === undefined)) headers[name] = value;
    };
    set('access-control-allow-origin', origins.includes('*') ? '*' : origin);
    if (!origins.includes('*')) set('vary', 'Origin');
    if (booleanAt(config['AccessControlAllowCredentials'])) set('access-control-allow-credentials', 'true');
    set('access-control-expose-headers', textsOf(config['AccessControlExposeHeaders']).join(', '));
    if (method !== 'OPTIONS' || request['access-control-request-method'] === undefined) return;
    set('access-control-allow-methods', methods.join(', '));
    set('access-control-allow-headers', textsOf(config['AccessControlAllowHeaders']).join(', '));
    if (maxAge !== undefined) set('access-control-max-age', String(maxAge));
  };
}

const ALL_METHODS = ['GET', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

function isAllowedOrigin(allowed: string, origin: string): boolean {
  if (!allowed.includes('*')) return allowed === origin || `https://${allowed}` === origin;
  const source = allowed.replaceAll(/[.+^${}()|[\]\\?]/g, String.raw`\$&`).replaceAll('*', '[^/]*');
  return allowed === '*' || new RegExp(`^(?:https?://)?${source}$`).test(origin);
}

function itemsOf(config: Json | undefined): JsonObject[] {
  return listAt(objectAt(config)['Items']).map(objectAt);
}

function textsOf(config: Json | undefined): string[] {
  return listAt(objectAt(config)['Items']).map(String);
}
