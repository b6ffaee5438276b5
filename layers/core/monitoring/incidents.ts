/** What schedules and the relay note when something happened that should not. `layers/aws/tables/incidents.ts` keeps it. */

export const INCIDENT_KINDS = ['ledgerDrift', 'abandonedRequests', 'lateUsage'] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

export interface Incident {
  kind: IncidentKind;
  /** Milliseconds since the epoch. */
  at: number;
  /** How many of it: slices, requests. */
  count: number;
}

export interface IncidentStore {
  /** Stays 30 days. */
  note(incident: Incident): Promise<void>;
  /** Oldest first; `to` exclusive. */
  list(kind: IncidentKind, range: { from: number; to: number }): Promise<Incident[]>;
}
