import { describe, expect, test } from '@jest/globals';
import { actionsOf, functionsByName, statementsOf, synthesize, type Statement } from './support/synthesize.ts';

const SENDERS = ['admin', 'evaluate-alerts'];

function mailOf(context: Record<string, unknown>): Map<string, { statements: Statement[]; sender: unknown }> {
  const { service } = synthesize(context);
  const functions = [...functionsByName(service)].map(([name, { Properties }]) => {
    const isMail = (statement: Statement) => actionsOf(statement).some((action) => action.startsWith('ses:'));
    const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
    const statements = statementsOf(service, Properties.Role).filter(isMail);
    return [name, { statements, sender: Variables['MAIL_FROM'] }] as const;
  });
  return new Map(functions);
}

describe('mail', () => {
  test('is sent by the functions that have reason to, as the one domain of the sender', () => {
    const mail = mailOf({ mailFrom: 'Gateway@Example.com' });
    for (const [name, { statements, sender }] of mail) {
      if (!SENDERS.includes(name)) {
        expect([statements, sender]).toEqual([[], undefined]);
        continue;
      }
      expect(sender).toBe('Gateway@Example.com');
      expect(statements).toEqual([expect.objectContaining({ Effect: 'Allow', Action: 'ses:SendEmail' })]);
      const resource = JSON.stringify(statements[0]?.Resource);
      expect(resource).toContain(':identity/example.com"');
      expect(resource).not.toContain('*');
    }
  });

  test('is nobody’s right where the stage has no sender', () => {
    for (const found of mailOf({}).values()) expect(found).toEqual({ statements: [], sender: undefined });
  });

  test('has a sender that is an address', () => {
    expect(() => synthesize({ mailFrom: 'example.com' })).toThrow('mailFrom');
  });
});
