import type { z } from 'zod';

/** What is wrong with an input, and where: `models[0].price.inputPerMillion`. */
interface InputIssue {
  path: string;
  message: string;
}

/** The issues of a failed parse, one per field at fault; every unknown field is named by its own path. */
export function listIssues(error: z.ZodError): InputIssue[] {
  const byPath = new Map<string, InputIssue>();
  for (const issue of error.issues.flatMap((found) => issuesOf(found, []))) {
    if (!byPath.has(issue.path)) byPath.set(issue.path, issue);
  }
  return [...byPath.values()];
}

function issuesOf(issue: z.core.$ZodIssue, prefix: readonly PropertyKey[]): InputIssue[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: formatPath([...path, key]), message: 'Unknown field' }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length === 1) {
    return (issue.errors[0] ?? []).flatMap((nested) => issuesOf(nested, path));
  }
  return [{ path: formatPath(path), message: issue.message }];
}

/** `['models', 0, 'price']` as `models[0].price`; the whole input is `$`. */
function formatPath(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>(
    (written, part) =>
      typeof part === 'number' ? `${written}[${part}]` : written === '' ? String(part) : `${written}.${String(part)}`,
    '',
  );
  return text === '' ? '$' : text;
}
