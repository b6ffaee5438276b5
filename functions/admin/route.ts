import type { z } from 'zod';
import type { Permission } from '@sluice/core/identity/permissions';
import type { User } from '@sluice/core/identity/store';
import type { PlainRequest } from '@sluice/kit/http/exchange';
import type { AuditNotes, AuditRule } from './audit-rule.ts';
import type { AdminServices } from './services.ts';

/** Who is calling, and how they proved it. */
export interface Caller {
  user: User;
  by: 'token' | 'cookie';
  /** The sign-in that this call belongs to. */
  sessionId: string;
}

export interface Call<Body, Query, Who> {
  body: Body;
  query: Query;
  /** Decoded path parameters. */
  params: Record<string, string>;
  caller: Who;
  request: PlainRequest;
  /** What the audit log should say of this call beyond what the call says itself. */
  audit: AuditNotes;
}

type Headers = Record<string, string | string[]>;
export type Answer =
  { status?: number; headers?: Headers; json: unknown } | { status?: number; headers: Headers; text: string };

/** One row of the table in routes.ts, after its types were checked. */
export interface AdminRoute {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  /** `public` needs nobody; every other word is a permission of the caller's role. */
  access: Permission | 'public';
  tag: string;
  summary: string;
  query: z.ZodObject | null;
  body: z.ZodType | null;
  /** What a 2xx answer carries; null where it is no JSON. */
  answer: z.ZodType | null;
  /** The status of success; 200 where absent. */
  status?: number | undefined;
  /** Of the body, as sent and as decoded; 1 MiB where absent. */
  maxBodyBytes?: number | undefined;
  /** Whose calls stand in the audit log; as `auditRuleOf` says where absent. */
  audit?: AuditRule | undefined;
  run: (services: AdminServices, call: Call<unknown, unknown, Caller | null>) => Promise<Answer>;
}

type Common = Pick<AdminRoute, 'method' | 'path' | 'tag' | 'summary' | 'answer' | 'status' | 'maxBodyBytes' | 'audit'>;
type None = Record<string, never>;
type Read<Schema extends z.ZodType | undefined, Absent> = Schema extends z.ZodType ? z.infer<Schema> : Absent;

/** A row for callers with a permission; the schemas give `run` its types. */
export function route<
  Body extends z.ZodType | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
>(
  row: Common & {
    access: Permission;
    body?: Body;
    query?: Query;
    run: (services: AdminServices, call: Call<Read<Body, undefined>, Read<Query, None>, Caller>) => Promise<Answer>;
  },
): AdminRoute {
  // The router parses body and query with these very schemas before it calls.
  return { ...row, query: row.query ?? null, body: row.body ?? null, run: row.run as AdminRoute['run'] };
}

/** A row that anybody may call. */
export function publicRoute<
  Body extends z.ZodType | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
>(
  row: Common & {
    body?: Body;
    query?: Query;
    run: (services: AdminServices, call: Call<Read<Body, undefined>, Read<Query, None>, null>) => Promise<Answer>;
  },
): AdminRoute {
  return {
    ...row,
    access: 'public',
    query: row.query ?? null,
    body: row.body ?? null,
    run: row.run as AdminRoute['run'],
  };
}

export function success(data: unknown, extra: Record<string, unknown> = {}): Answer {
  return { json: { success: true, data, ...extra } };
}
