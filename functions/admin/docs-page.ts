import { createHash } from 'node:crypto';
import type { JsonSchema } from './json-schema.ts';
import type { ApiDocument, ApiOperation, ApiParameter } from './openapi.ts';

/** The API document as one readable page: no script, nothing loaded from elsewhere, light or dark as the reader's system. */

const STYLE = `:root{color-scheme:light dark;--text:#1c1e21;--soft:#5c636b;--back:#fff;--card:#f6f7f8;--line:#dfe2e5;--accent:#0b6e99}
@media(prefers-color-scheme:dark){:root{--text:#e6e8ea;--soft:#9aa3ab;--back:#16181b;--card:#1f2226;--line:#33383e;--accent:#5fb8de}}
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--text);font:16px/1.55 system-ui,sans-serif}
main{max-width:54rem;margin:0 auto;padding:1.5rem 1rem 4rem}h1{margin:.2em 0}h2{margin:2.2em 0 .6em;border-bottom:1px solid var(--line)}
p{margin:.4em 0}a{color:var(--accent)}nav a{margin-right:.9em;white-space:nowrap}
code,pre{font:.875em/1.5 ui-monospace,monospace}code{overflow-wrap:anywhere}
details{background:var(--card);border:1px solid var(--line);border-radius:6px;margin:.5em 0;padding:.5em .8em}
summary{cursor:pointer}summary code{font-weight:600}.method{display:inline-block;min-width:4.2em;color:var(--accent);font-weight:700}
.soft{color:var(--soft)}h3{font-size:1em;margin:1em 0 .3em}ul{margin:.2em 0;padding-left:1.2em}li{margin:.15em 0}`;

/** For `style-src` of the page's content security policy. */
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;

const MAX_DEPTH = 6;

export function renderDocumentation(api: ApiDocument): string {
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const sections = api.tags.map(({ name }) => {
    const inSection = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<h2 id="${anchorOf(name)}">${escapeHtml(name)}</h2>${inSection.map(renderOperation).join('')}`;
  });
  const links = api.tags.map(({ name }) => `<a href="#${anchorOf(name)}">${escapeHtml(name)}</a>`).join(' ');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(api.info.title)} API</title><style>${STYLE}</style></head>
<body><main><h1>${escapeHtml(api.info.title)} API</h1><p class="soft">Version ${escapeHtml(api.info.version)}</p>
<p>${escapeHtml(api.info.description)}</p>
<p>Sign in with <code>POST /api/auth/login</code> and send <code>Authorization: Bearer …</code>; the data plane takes a
key instead. The same as a document: <a href="/api/openapi.json">openapi.json</a>.</p>
<nav>${links}</nav>${sections.join('')}</main></body></html>
`;
}

function renderOperation(entry: { path: string; method: string; operation: ApiOperation }): string {
  const { operation } = entry;
  const body = operation.requestBody?.content['application/json']?.schema;
  const answers = Object.entries(operation.responses).map(([status, response]) => {
    const schema = response.content?.['application/json']?.schema;
    return `<h3>Answer ${escapeHtml(status)}: ${escapeHtml(response.description)}</h3>${schema ? renderSchema(schema, 0) : ''}`;
  });
  return `<details id="${operation.operationId}"><summary><span class="method">${entry.method}</span> <code>${escapeHtml(entry.path)}</code>
<span class="soft">${escapeHtml(operation.summary)}</span></summary>
<p class="soft">${escapeHtml(accessOf(operation))}</p>
${operation.parameters ? `<h3>Parameters</h3><ul>${operation.parameters.map(renderParameter).join('')}</ul>` : ''}
${body ? `<h3>Body</h3>${renderSchema(body, 0)}` : ''}
${answers.join('')}</details>`;
}

function accessOf(operation: ApiOperation): string {
  if (operation.security.length === 0) return 'Open to everybody.';
  return operation.description?.replaceAll('`', '') ?? 'Needs a key of the data plane.';
}

function renderParameter(parameter: ApiParameter): string {
  return renderMember(
    parameter.name,
    parameter.schema,
    parameter.required,
    0,
    `in ${parameter.in}`,
    parameter.description,
  );
}

function renderSchema(schema: JsonSchema, depth: number): string {
  const { properties, required = [] } = schema as { properties?: Record<string, JsonSchema>; required?: string[] };
  if (typeof schema['$ref'] === 'string')
    return `<p><code>${escapeHtml(schema['$ref'].split('/').at(-1) ?? '')}</code></p>`;
  if (!properties || depth >= MAX_DEPTH) return depth === 0 ? `<p><code>${escapeHtml(typeOf(schema))}</code></p>` : '';
  const members = Object.entries(properties).map(([name, member]) =>
    renderMember(name, member, required.includes(name), depth),
  );
  return `<ul>${members.join('')}</ul>`;
}

function renderMember(
  name: string,
  schema: JsonSchema,
  required: boolean,
  depth: number,
  place = '',
  description = schema['description'],
): string {
  const facts = [typeOf(schema), place, required ? 'required' : ''].filter((fact) => fact !== '').join(', ');
  const text = typeof description === 'string' ? `: ${escapeHtml(description)}` : '';
  const inner = innerOf(schema);
  return `<li><code>${escapeHtml(name)}</code> <span class="soft">${escapeHtml(facts)}</span>${text}${inner ? renderSchema(inner, depth + 1) : ''}</li>`;
}

/** The object whose members a reader wants to see: the schema's own, its items', or its one alternative beside null. */
function innerOf(schema: JsonSchema): JsonSchema | null {
  if (schema['properties']) return schema;
  const { items, anyOf } = schema as { items?: JsonSchema; anyOf?: JsonSchema[] };
  if (items) return innerOf(items);
  return anyOf?.map(innerOf).find((inner) => inner !== null) ?? null;
}

function typeOf(schema: JsonSchema): string {
  const { type, items, anyOf } = schema as { type?: string; items?: JsonSchema; anyOf?: JsonSchema[] };
  if (Array.isArray(schema['enum'])) return schema['enum'].map(String).join(' | ');
  if (schema['const'] !== undefined) return JSON.stringify(schema['const']);
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(' | ');
  if (type === 'array') return `list of ${items ? typeOf(items) : 'anything'}`;
  return type ?? 'anything';
}

function anchorOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
