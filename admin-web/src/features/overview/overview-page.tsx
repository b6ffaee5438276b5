import type { ReactNode } from 'react';
import { isOperator, useSession } from '../../lib/api/session.ts';
import { UserDashboard } from './dashboard/user-dashboard.tsx';
import { OperatorOverview } from './operator-overview.tsx';
import type { Period } from './period.ts';

/** The first page: operators see the whole gateway, everybody else what is theirs. */
export function OverviewPage(props: {
  period: Period;
  onPeriod: (period: Period) => void;
  /** The guide of those who are new, which stands above everything else. */
  guide: ReactNode;
}): ReactNode {
  const { data: session } = useSession();
  return isOperator(session) ? <OperatorOverview {...props} /> : <UserDashboard guide={props.guide} />;
}
