/** A row of a route table: routes are data, so that a reader sees method, path and operation side by side. */
export interface RouteRow {
  method: string;
  /** Literal segments and at most one `:name` at the end, which takes the rest of the path, slashes included. */
  path: string;
}

export interface RouteMatch<Row extends RouteRow> {
  row: Row;
  /** What `:name` stood for, percent-decoded; empty without one. */
  rest: string;
}

export interface Router<Row extends RouteRow> {
  /** The row; or the methods that the path would take; or null for an unknown path. */
  match(method: string, path: string): RouteMatch<Row> | { allowed: string[] } | null;
}

/** HEAD is taken where GET is. */
export function createRouter<Row extends RouteRow>(rows: readonly Row[]): Router<Row> {
  const exact = new Map<string, Row[]>();
  const open: { prefix: string; row: Row }[] = [];
  for (const row of rows) {
    const colon = row.path.indexOf('/:');
    if (colon < 0) exact.set(row.path, [...(exact.get(row.path) ?? []), row]);
    else open.push({ prefix: row.path.slice(0, colon + 1), row });
  }
  return {
    match(method, path) {
      const wanted = method === 'HEAD' ? 'GET' : method;
      const known = exact.get(path);
      if (known) return choose(known, wanted, '');
      const candidates = open.filter(({ prefix }) => path.startsWith(prefix) && path.length > prefix.length);
      const prefix = candidates[0]?.prefix;
      const rest = prefix === undefined ? null : decode(path.slice(prefix.length));
      if (rest === null) return null;
      return choose(
        candidates.filter((candidate) => candidate.prefix === prefix).map(({ row }) => row),
        wanted,
        rest,
      );
    },
  };
}

function choose<Row extends RouteRow>(
  rows: readonly Row[],
  method: string,
  rest: string,
): RouteMatch<Row> | { allowed: string[] } {
  const row = rows.find((candidate) => candidate.method === method);
  if (row) return { row, rest };
  return { allowed: rows.flatMap((candidate) => (candidate.method === 'GET' ? ['GET', 'HEAD'] : [candidate.method])) };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
