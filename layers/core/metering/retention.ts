const DAY_MS = 24 * 3600_000;

/** How long usage events are kept when no setting says otherwise. Sums outlive them. */
export const DEFAULT_RETENTION_DAYS = 90;
export const DEFAULT_RETENTION_MS = DEFAULT_RETENTION_DAYS * DAY_MS;
