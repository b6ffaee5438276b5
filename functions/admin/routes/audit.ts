import { auditAnswer, auditQuery, auditVerifyAnswer, auditVerifyQuery } from '@sluice/contract/audit';
import { listAudit, verifyChain } from '../resources/audit.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function auditRoutes(): AdminRoute[] {
  const audit = { tag: 'Audit', access: 'audit:read' } as const;
  return [
    route({ ...audit, method: 'GET', path: '/api/admin/audit', summary: 'What administrators did, newest first',
      query: auditQuery, answer: auditAnswer, run: listAudit }),
    route({ ...audit, method: 'GET', path: '/api/admin/audit/verify',
      summary: 'Prove a stretch of the chain of entries, and name the first broken one',
      query: auditVerifyQuery, answer: auditVerifyAnswer, run: verifyChain }),
  ];
}
