/** A path as the API document writes it: `/api/admin/credentials/{upstream}/{id}`; `{name+}` takes slashes too. */
interface TemplateRow {
  method: string;
  path: string;
}

interface TemplateMatch<Row> {
  row: Row;
  params: Record<string, string>;
}

type RouteOutcome<Row> = TemplateMatch<Row> | { allow: string[] } | null;

/** Finds the row of a request; the methods that the path would take; or null. GET rows answer HEAD as well. */
export function createTemplateRouter<Row extends TemplateRow>(
  rows: readonly Row[],
): (method: string, path: string) => RouteOutcome<Row> {
  const compiled = rows.map((row) => ({ row, pattern: patternOf(row.path) }));
  return (method, path) => {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const allow = new Set<string>();
    for (const { row, pattern } of compiled) {
      const groups = pattern.exec(path);
      if (!groups) continue;
      const params = decodeAll(groups.groups ?? {});
      if (params === null) return null;
      if (row.method === wanted) return { row, params };
      allow.add(row.method);
      if (row.method === 'GET') allow.add('HEAD');
    }
    return allow.size > 0 ? { allow: [...allow] } : null;
  };
}

function patternOf(template: string): RegExp {
  const source = template
    .replaceAll(/[.*^$()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\{(\w+)\+\}/g, '(?<$1>.+)')
    .replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}$`);
}

/** No name or id is longer, however it is folded; the tables refuse keys of some 1000 bytes. */
const MOST_BYTES = 900;

/** Null where the path cannot name anything. */
function decodeAll(groups: Record<string, string>): Record<string, string> | null {
  try {
    const params = Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)] as const);
    const fits = params.every(([, text]) => Buffer.byteLength(text.normalize('NFKC')) <= MOST_BYTES);
    return fits ? Object.fromEntries(params) : null;
  } catch {
    return null;
  }
}
