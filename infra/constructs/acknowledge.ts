import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Findings of cdk-nag that stand, each with its reason, on the resource that they are about and on nothing else.
 * Test/infra/nag.test.ts fails for one that the rules do not find; docs/permissions.md lists them all.
 * @param findings reasons by the finding's id, with what it is about in brackets where the rule says so
 */
export function acknowledge(construct: IConstruct, findings: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(findings)) Validations.of(construct).acknowledge({ id, reason });
}
