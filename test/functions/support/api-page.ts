import { z } from 'zod';
import { auditRuleOf, type AuditRule } from '../../../functions/admin/audit-rule.ts';
import type { AdminRoute } from '../../../functions/admin/route.ts';
import type { RelayRoute } from '../../../layers/core/relay/front.ts';
import { envelopeOf } from '../../../layers/kit/http/path-envelopes.ts';

const HEAD = `# Paths

Made from the route data by test/functions/api-page.test.ts, which fails when this page is out of date. To write it
anew:

    UPDATE_DOCS=1 npm test -- --selectProjects=unit --testPathPatterns=api-page

A field with \`?\` may be left out. The whole schemas are at \`/api/openapi.json\` where the setting \`apiDocs\` is on.
`;

const ENVELOPES = `## Envelopes of errors

| envelope  | body                                                                                                              |
| --------- | ----------------------------------------------------------------------------------------------------------------- |
| union     | \`{success: false, error: "<sentence>", error_code, detail, message}\`; under \`/api/v1/admin\` with \`code\` beside it |
| chat      | \`{success: false, error: "<sentence>"}\`                                                                           |
| openai    | \`{error: {message, type, param, code}}\`                                                                           |
| anthropic | \`{type: "error", error: {type, message}, request_id}\`                                                             |
| google    | \`{error: {code, message, status}}\`                                                                                |
| public    | \`{success: false, msg}\`                                                                                           |

Calls under \`/v1\` that carry an SDK's own headers (\`anthropic-version\`, \`x-goog-api-key\`, \`x-goog-api-client\`) are told
of errors in that SDK's envelope. A list of faults, field by field, stands beside them as \`errors\` in the union.
`;

/** The text of docs/api.md. */
export function writeApiPage(routes: readonly AdminRoute[], relayRoutes: readonly RelayRoute[]): string {
  const byTag = Map.groupBy(routes, ({ tag }) => tag);
  return [
    HEAD,
    ENVELOPES,
    '## Control plane\n',
    'Callers prove themselves by an access token (`authorization: Bearer …`) or by the console’s cookie. `audit`: whose',
    'calls stand in the audit log.\n',
    ...[...byTag].flatMap(([tag, rows]) => [`### ${tag}\n`, ...table(CONTROL_COLUMNS, rows.map(controlCells)), '']),
    '## Data plane\n',
    'Callers present a key, or an access token.\n',
    ...table(['path', 'language', 'does', 'envelope'], relayRoutes.map(relayCells)),
    '',
    '## Vault\n',
    'The prefix is a value of the deployment.\n',
    ...table(['path', 'callers', 'answers', 'envelope'], VAULT_PATHS),
    '',
  ].join('\n');
}

const CONTROL_COLUMNS = ['path', 'permission', 'takes', 'answers', 'envelope', 'audit'];

function controlCells(row: AdminRoute): string[] {
  const query = row.query ? fieldsOf(row.query, 'input').map((name) => `?${name}`) : [];
  const body = row.body ? fieldsOf(row.body, 'input') : [];
  return [
    `\`${row.method} ${row.path}\``,
    row.access === 'public' ? 'anybody' : `\`${row.access}\``,
    code([...query, ...body], Infinity),
    `${row.status ?? 200} ${row.answer ? code(answerFields(row.answer)) : 'text'}`,
    envelopeOf({ path: row.path, headers: {}, publicApiPrefix: null }),
    AUDITED[auditRuleOf(row).of],
  ];
}

const AUDITED: Record<AuditRule['of'], string> = {
  everybody: 'all',
  administrators: 'administrators',
  noted: 'as it ends',
  nobody: '–',
};

/** By hand, since the vault has no table of rows. */
const TOKENS = '`success, msg, data{biz_id, email, access_token, refresh_token, type, user_name}`';
const VAULT_PATHS = [
  ['`GET /public-api/health`', '`X-API-Secret`', '200 `success, msg`', 'public'],
  ['`POST /public-api/get-at`', '`X-API-Secret`', `200 ${TOKENS}, as they are stored`, 'public'],
  ['`POST /public-api/refresh`', '`X-API-Secret`', `200 ${TOKENS}, after a refresh`, 'public'],
];

function relayCells({ method, path, format, operation }: RelayRoute): string[] {
  return [
    `\`${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}\``,
    format.name,
    operation,
    envelopeOf({ path, headers: {}, publicApiPrefix: null }),
  ];
}

interface Described {
  properties?: Record<string, Described>;
  required?: string[];
  type?: string | string[];
  items?: Described;
  anyOf?: Described[];
}

function describe(schema: z.ZodType, io: 'input' | 'output'): Described {
  try {
    return z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Described;
  } catch {
    return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Described;
  }
}

function fieldsOf(schema: z.ZodType, io: 'input' | 'output'): string[] {
  const described = describe(schema, io);
  const shape = described.properties ? described : described.anyOf?.find(({ properties }) => properties);
  if (!shape?.properties) return ['JSON'];
  const { properties, required = [] } = shape;
  return Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`));
}

function answerFields(schema: z.ZodType): string[] {
  const { properties } = describe(schema, 'output');
  const names = fieldsOf(schema, 'output');
  const data = properties?.['data'];
  if (!data) return names;
  const inner = data.type === 'array' ? data.items?.properties : data.properties;
  const shown = inner ? shorten(Object.keys(inner)) : '';
  const list = data.type === 'array' ? '[]' : '';
  return names.map((name) => (name === 'data' ? `data${list}${inner ? `{${shown}}` : ''}` : name));
}

const MOST_NAMES = 9;

function shorten(names: readonly string[], most = MOST_NAMES): string {
  return names.length > most ? `${names.slice(0, most).join(', ')}, …` : names.join(', ');
}

function code(names: readonly string[], most = MOST_NAMES): string {
  return names.length === 0 ? '–' : `\`${shorten(names, most)}\``;
}

/** Columns are padded as the formatter does it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)];
}
