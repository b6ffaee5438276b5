import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { GuideBanner } from '../../features/guide/guide-banner.tsx';
import { OverviewPage } from '../../features/overview/overview-page.tsx';

const route = getRouteApi('/shell/');

export function OverviewRoute(): ReactNode {
  const { period } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <OverviewPage
      guide={<GuideBanner />}
      period={period ?? '24h'}
      onPeriod={(choice) => void navigate({ search: choice === '24h' ? {} : { period: choice }, replace: true })}
    />
  );
}
