import { mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One right that a function's role gives. */
export interface RemovedGrant {
  /** Logical id of the role's policy begins so. */
  readonly policy: string;
  readonly action: string;
  /** What the statement's resources mention. */
  readonly resource: string;
}

interface Statement {
  Action: string | string[];
  Resource: unknown;
}

interface Template {
  Resources: Record<string, { Type: string; Properties: { PolicyDocument?: { Statement: Statement[] } } }>;
}

/** A cloud assembly like the given one without a right; its assets are the given one's. @throws Error when nothing gives it */
export function assemblyWithout(assembly: string, grant: RemovedGrant): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-changed-'));
  let removed = 0;
  for (const name of readdirSync(assembly)) {
    if (!name.endsWith('.template.json')) {
      symlinkSync(join(assembly, name), join(directory, name));
      continue;
    }
    const template = JSON.parse(readFileSync(join(assembly, name), 'utf8')) as Template;
    removed += removeFrom(template, grant);
    writeFileSync(join(directory, name), JSON.stringify(template));
  }
  if (removed !== 1) throw new Error(`${removed} statements give ${JSON.stringify(grant)}; one is expected.`);
  return directory;
}

/** A statement that lists several actions or resources loses just the one of both. */
function removeFrom(template: Template, { policy, action, resource }: RemovedGrant): number {
  let removed = 0;
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type !== 'AWS::IAM::Policy' || !id.startsWith(policy) || Properties.PolicyDocument === undefined) continue;
    const { PolicyDocument } = Properties;
    PolicyDocument.Statement = PolicyDocument.Statement.flatMap((statement) => {
      const actions = [statement.Action].flat();
      const resources = [statement.Resource].flat();
      const isIt = (one: unknown): boolean => JSON.stringify(one).includes(resource);
      if (!actions.includes(action) || !resources.some(isIt)) return [statement];
      removed += 1;
      const others = actions.filter((one) => one !== action);
      const elsewhere = resources.filter((one) => !isIt(one));
      return [
        ...(others.length === 0 ? [] : [{ ...statement, Action: others }]),
        ...(elsewhere.length === 0 ? [] : [{ ...statement, Action: action, Resource: elsewhere }]),
      ];
    });
  }
  return removed;
}
