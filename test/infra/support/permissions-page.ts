import { UNUSED_GRANTS } from '../../support/unused-grants.ts';
import type { NagRun } from './nag.ts';

const HEAD = `# Permissions

Made from the code by test/infra/nag.test.ts, which fails when this page is out of date. To write it anew:

    UPDATE_DOCS=1 npm test -- --selectProjects=infra --testPathPatterns=nag

The local stack checks every call of every function against these rights (infra/local/permissions), so a missing one
shows on the first run. \`npm test\` compares them with what its whole local suite used.
`;

/** The text of docs/permissions.md. */
export function writePermissionsPage(run: NagRun): string {
  return [
    HEAD,
    '## Who may do what\n',
    ...listRights(run.grants),
    '## Rights that no test uses\n',
    ...UNUSED_GRANTS.map(
      ({ holder, action, resource, because }) =>
        `- ${holder ?? 'Everybody'}: \`${action}\`${resource === undefined ? '' : ` on \`${plain(resource)}\``}: ${because}.`,
    ),
    '\n## Findings of cdk-nag that stand\n',
    'Packs: AwsSolutions and Serverless. Each is acknowledged on the resource that it is about.\n',
    ...listFindings(run),
    '',
  ].join('\n');
}

function listRights(grants: readonly string[]): string[] {
  const byHolder = Map.groupBy(
    grants.map((line) => line.split('\t')),
    ([holder = '']) => plain(holder),
  );
  return [...byHolder].flatMap(([holder, lines]) => {
    const byResource = Map.groupBy(lines, ([, , resource = '']) => plain(resource));
    const rows = [...byResource].map(([resource, some]) => {
      const actions = some.map(([, action]) => `\`${action}\``).join(', ');
      return `- \`${resource}\`: ${actions}`;
    });
    return [`### ${holder}\n`, ...rows, ''];
  });
}

function listFindings({ acknowledged, found }: NagRun): string[] {
  const rules = new Set(found.map(({ rule }) => rule));
  const about = acknowledged.filter(({ rule }) => rules.has(rule));
  const byRule = Map.groupBy(about, ({ rule, reason }) => `\`${rule}\`: ${reason}`);
  return [...byRule]
    .map(([line, some]) => `- ${line} (${some.map(({ path }) => `\`${path}\``).join(', ')})`)
    .toSorted();
}

/** Without the names of stage and stack and the letters that CloudFormation's ids end with. */
function plain(text: string): string {
  return text
    .replaceAll(/(^|[/:])(sluice-main-)?(data|service)-/g, '$1')
    .replaceAll(/([a-z])[0-9A-F]{8,40}(?=$|[:/ ])/g, '$1')
    .replaceAll(/(?<=s3:buckets\w+)[0-9a-f]{8}(?=$|[ /])/g, '');
}
