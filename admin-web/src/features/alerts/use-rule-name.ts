import { useTranslation } from 'react-i18next';

/** What the rules that every deployment begins with are called, as long as nobody calls them otherwise. */
const GIVEN_NAMES = {
  'Error rate': 'errorRate',
  'Store unhealthy': 'storeUnhealthy',
  Memory: 'memory',
  'Mean latency to the first byte': 'latency',
  'Upstream unhealthy': 'upstreamUnhealthy',
  'Credential needs attention': 'credentialAttention',
  'Budget near its end': 'budgetNearEnd',
  'Ledger drift': 'ledgerDrift',
  'Abandoned requests': 'abandonedHolds',
  'Late usage': 'lateUsage',
  'Schedule late': 'scheduleLate',
} as const;

/** The name of a rule in the reader's language where it is ours, as its owner wrote it elsewhere. */
export function useRuleName(): (name: string) => string {
  const { t } = useTranslation('alerts');
  return (name) => (name in GIVEN_NAMES ? t(`ruleNames.${GIVEN_NAMES[name as keyof typeof GIVEN_NAMES]}`) : name);
}
