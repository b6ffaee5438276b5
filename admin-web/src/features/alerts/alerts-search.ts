export const ALERT_TABS = ['active', 'history', 'rules', 'webhooks', 'deliveries'] as const;
type AlertTab = (typeof ALERT_TABS)[number];

/** What the address of the page says: which part, and the rule that is open or being made. */
export interface AlertsSearch {
  tab?: AlertTab | undefined;
  rule?: string | undefined;
  create?: true | undefined;
}

/** Unknown values are ignored. */
export function readAlertsSearch(given: Record<string, unknown>): AlertsSearch {
  const tab = ALERT_TABS.find((known) => known === given['tab']);
  const rule = given['rule'];
  return {
    ...(tab && tab !== 'active' ? { tab } : {}),
    ...(typeof rule === 'string' && rule !== '' ? { rule } : {}),
    ...(given['create'] === true ? { create: true } : {}),
  };
}

/** The address, and the way to another one. */
export interface AlertsProps {
  search: AlertsSearch;
  onSearch: (search: AlertsSearch) => void;
}
