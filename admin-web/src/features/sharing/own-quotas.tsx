import { Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Meter } from '../../components/meter.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { ownQuotasQuery, type OwnQuota } from './api/pool.ts';
import { useQuotaFormat } from './use-quota-format.ts';

const ALMOST_GONE = 0.1;

/** What the caller may still draw, by model. */
export function OwnQuotas(): ReactNode {
  const { t } = useTranslation('sharing');
  const quotas = useQuery(ownQuotasQuery);
  return (
    <Section title={t('quota.own')} hint={t('quota.ownHint')}>
      <QueryView query={quotas} skeleton={[50, 50]}>
        {(rows) =>
          rows.length === 0 ? (
            <NothingShared />
          ) : (
            <Stack component="ul" gap="lg" p={0} m={0} style={{ listStyle: 'none' }}>
              {rows.map((row) => (
                <QuotaRow key={row.model_name} row={row} />
              ))}
            </Stack>
          )
        }
      </QueryView>
    </Section>
  );
}

function QuotaRow({ row }: { row: OwnQuota }): ReactNode {
  const { t } = useTranslation('sharing');
  const format = useQuotaFormat();
  const { model_name: model, quota, max_quota: most } = row;
  const share = most > 0 ? quota / most : 0;
  return (
    <li>
      <Meter
        label={model}
        name={t('quota.of', { model })}
        share={share}
        said={t('quota.ofMost', { quota: format(quota), most: format(most) })}
        note={t(quota <= 0 ? 'quota.out' : 'quota.recovers', {
          count: row.shared_accounts,
          perHour: format(row.recovery_per_hour),
        })}
        isWarning={share <= ALMOST_GONE}
      />
    </li>
  );
}

function NothingShared(): ReactNode {
  const { t } = useTranslation('sharing');
  return (
    <Stack gap="sm" align="flex-start">
      <Text fz="sm" c="dimmed">
        {t('quota.none')}
      </Text>
      <Button variant="default" size="xs" renderRoot={(props) => <Link to="/accounts" {...props} />}>
        {t('quota.toAccounts')}
      </Button>
    </Stack>
  );
}
