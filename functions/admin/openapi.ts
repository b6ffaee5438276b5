import { failure } from '@sluice/contract/envelopes';
import { z } from 'zod';
import { DATA_PLANE_PATHS, type DataPlanePath } from './data-plane-paths.ts';
import type { JsonSchema } from './json-schema.ts';
import type { AdminRoute } from './route.ts';

export interface ApiParameter {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  description?: string;
  schema: JsonSchema;
}

export interface ApiOperation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: ApiParameter[];
  requestBody?: { required: boolean; content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: JsonSchema }> }>;
  security: Record<string, string[]>[];
}

export interface ApiDocument {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  tags: { name: string; description?: string }[];
  paths: Record<string, Record<string, ApiOperation>>;
  components: { securitySchemes: Record<string, JsonSchema>; schemas: Record<string, JsonSchema> };
}

const JSON_TYPE = 'application/json';
const DATA_PLANE_TAG = 'Data plane';

/**
 * The route table as an OpenAPI 3.1 document (its schemas are JSON Schema 2020-12, which zod writes).
 * https://spec.openapis.org/oas/v3.1.0
 */
export function describeApi(routes: readonly AdminRoute[], version: string): ApiDocument {
  const paths: ApiDocument['paths'] = {};
  const add = (path: string, method: string, operation: ApiOperation): void => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  };
  for (const row of routes) add(row.path.replace('+}', '}'), row.method, describeRoute(row));
  for (const row of DATA_PLANE_PATHS) add(row.path, row.method, describeDataPlane(row));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version,
      description: 'An LLM gateway: its data plane speaks the formats of the SDKs, its control plane is JSON.',
    },
    tags: [...new Set(routes.map((row) => row.tag)), DATA_PLANE_TAG].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        sessionCookie: { type: 'apiKey', in: 'cookie', name: 'sluice_session' },
        apiKey: { type: 'http', scheme: 'bearer', description: 'A key of the data plane.' },
      },
      schemas: { Failure: toJsonSchema(failure, 'output') },
    },
  };
}

function describeRoute(row: AdminRoute): ApiOperation {
  const parameters = [...pathParameters(row.path), ...queryParameters(row.query)];
  const status = String(row.status ?? 200);
  const isPublic = row.access === 'public';
  return {
    operationId: operationIdOf(row.method, row.path),
    tags: [row.tag],
    summary: row.summary,
    ...(isPublic ? {} : { description: `Permission: \`${row.access}\`.` }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(row.body ? { requestBody: describeBody(row.body) } : {}),
    responses: {
      [status]: row.answer
        ? { description: 'Success', content: { [JSON_TYPE]: { schema: toJsonSchema(row.answer, 'output') } } }
        : { description: 'Success' },
      default: { description: 'Failure', content: { [JSON_TYPE]: { schema: FAILURE } } },
    },
    security: isPublic ? [] : [{ accessToken: [] }, { sessionCookie: [] }],
  };
}

const FAILURE: JsonSchema = { $ref: '#/components/schemas/Failure' };

function describeBody(body: z.ZodType): NonNullable<ApiOperation['requestBody']> {
  const required = !body.safeParse(undefined).success;
  return { required, content: { [JSON_TYPE]: { schema: toJsonSchema(body, 'input') } } };
}

function describeDataPlane(row: DataPlanePath): ApiOperation {
  const parameters = pathParameters(row.path);
  return {
    operationId: operationIdOf(row.method, row.path),
    tags: [DATA_PLANE_TAG],
    summary: row.summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(row.body ? { requestBody: { required: true, content: { [JSON_TYPE]: { schema: row.body } } } } : {}),
    responses: {
      200: { description: 'Success', content: { [JSON_TYPE]: { schema: row.answer } } },
      default: { description: "Failure, in the format's own error shape" },
    },
    security: [{ apiKey: [] }],
  };
}

function pathParameters(path: string): ApiParameter[] {
  return [...path.matchAll(/\{(\w+)\+?\}/g)].map((match) => ({
    name: match[1] ?? '',
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodObject | null): ApiParameter[] {
  if (!query) return [];
  const { properties = {}, required = [] } = toJsonSchema(query, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(typeof description === 'string' ? { description } : {}),
    schema,
  }));
}

/** What a client sends is described before our transforms, what we answer after them. */
function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  // The export answers the document as it is written, prices in dollars: always the input side of a transform.
  const written = z.toJSONSchema(schema, { io: hasTransform(schema) ? 'input' : io, unrepresentable: 'any' });
  const { $schema: _dialect, ...rest } = written as JsonSchema;
  return rest;
}

function hasTransform(schema: z.ZodType): boolean {
  try {
    z.toJSONSchema(schema, { io: 'output' });
    return false;
  } catch {
    return true;
  }
}

/** `PUT /api/admin/models/{name+}` as `putApiAdminModelsName`. */
function operationIdOf(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
