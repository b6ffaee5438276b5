import { Button, Group, Skeleton, Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Guide } from './guide.tsx';
import { nextStep } from './steps.ts';
import { useGuide } from './use-guide.ts';

/** The guide on a page of its own, also for those who put it away on the overview. */
export function GuidePage(): ReactNode {
  const { t } = useTranslation('guide');
  const { guide, error, retry } = useGuide();
  return (
    <>
      <PageHeader title={t('page.title')} intro={t('page.intro')} />
      {guide ? (
        <Stack gap="lg">
          <Guide guide={guide} />
          {nextStep(guide.steps) === null ? <WhatNow /> : null}
        </Stack>
      ) : (
        <Waiting error={error} onRetry={retry} />
      )}
    </>
  );
}

function Waiting({ error, onRetry }: { error: unknown; onRetry: () => void }): ReactNode {
  const { t } = useTranslation();
  if (error) return <ErrorState error={error} onRetry={onRetry} />;
  return <Skeleton height={380} radius="md" role="status" aria-label={t('loading')} />;
}

function WhatNow(): ReactNode {
  const { t } = useTranslation('guide');
  return (
    <Group gap="sm">
      <Button renderRoot={(props) => <Link to="/playground" {...props} />}>{t('next.playground')}</Button>
      <Button variant="default" renderRoot={(props) => <Link to="/keys" {...props} />}>
        {t('next.keys')}
      </Button>
      <Button variant="default" renderRoot={(props) => <Link to="/usage" {...props} />}>
        {t('next.usage')}
      </Button>
    </Group>
  );
}
