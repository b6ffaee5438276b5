/** Each right that a template gives, as one line: who, which action, on what. A report says which were never used. */

import { shortResource } from './matching.ts';
import { principalName, type AccessRules, type Statement } from './rules.ts';

/** Actions on a bucket itself; all others of S3 that a policy names are on objects. */
const BUCKET_ACTION =
  /^s3:(ListBucket|CreateBucket|DeleteBucket|GetLifecycleConfiguration|PutLifecycleConfiguration)$/i;

/** `relay`, `dynamodb:PutItem`, `table/main-Vault where dynamodb:leadingkeys is pool*`, with tabs in between. */
export function grantOf(holder: string, action: string, resource: string, conditions: Statement['conditions']): string {
  const limits = conditions.map(({ key, values }) => `${key} is ${values.map(shortResource).join(' or ')}`);
  const where = limits.length === 0 ? '' : ` where ${limits.join(' and ')}`;
  return `${holder}\t${action}\t${shortResource(resource)}${where}`;
}

/** Whether an action can be done to such a resource at all: statements often list both actions and resources. */
export function applies(action: string, resource: string): boolean {
  if (!action.startsWith('s3:') || !resource.startsWith('arn:') || /[*?]/.test(action)) return true;
  return BUCKET_ACTION.test(action) === !resource.includes('/');
}

/** All of them, sorted; what a policy denies is no grant. */
export function listGrants({ identities, resourceStatements }: AccessRules): string[] {
  const own = identities.flatMap(({ name, statements }) => statements.flatMap((one) => grantsOfStatement(one, [name])));
  const given = resourceStatements.flatMap((one) => grantsOfStatement(one, (one.principals ?? []).map(principalName)));
  return [...new Set([...own, ...given])].toSorted();
}

function grantsOfStatement(
  { effect, actions, resources, conditions }: Statement,
  holders: readonly string[],
): string[] {
  if (effect === 'Deny') return [];
  return holders.flatMap((holder) =>
    actions.flatMap((action) =>
      resources
        .filter((resource) => applies(action, resource))
        .map((resource) => grantOf(holder, action, resource, conditions)),
    ),
  );
}
