import { Group, Stack, Switch, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ModelQuota } from '@sluice/contract/plugin-api';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { Meter } from '../../components/meter.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { accountQuotasQuery, useSwitchModel } from './api/account-quotas.ts';

/** What is left of a credential for each of its models, and whether it is lent and used for that model. */
export function AccountQuotas({ id }: { id: string }): ReactNode {
  const { t } = useTranslation('sharing');
  const quotas = useQuery(accountQuotasQuery(id));
  const toggle = useSwitchModel(id);
  return (
    <Stack gap="md">
      <Stack gap={2}>
        <Title order={3} fz={16}>
          {t('quotas')}
        </Title>
        <Text fz="sm" c="dimmed">
          {t('quotasHint')}
        </Text>
      </Stack>
      {toggle.error ? <ErrorState error={toggle.error} /> : null}
      <QueryView query={quotas}>
        {(rows) =>
          rows.length === 0 ? (
            <Text fz="sm" c="dimmed">
              {t('noModels')}
            </Text>
          ) : (
            <Stack component="ul" gap="lg" p={0} m={0} style={{ listStyle: 'none' }}>
              {rows.map((row) => (
                <ModelRow
                  key={row.model_name}
                  row={row}
                  onSwitch={(on) => toggle.mutate({ model: row.model_name, on })}
                />
              ))}
            </Stack>
          )
        }
      </QueryView>
    </Stack>
  );
}

function ModelRow({ row, onSwitch }: { row: ModelQuota; onSwitch: (on: boolean) => void }): ReactNode {
  const { t } = useTranslation('sharing');
  const format = useFormat();
  const { model_name: model, quota, reset_time: resetsAt, status } = row;
  return (
    <Group component="li" wrap="nowrap" align="flex-start" gap="md">
      <div style={{ flex: 1, minWidth: 0 }}>
        <Meter
          label={model}
          name={t('leftOf', { model })}
          share={quota}
          said={row.exhausted ? t('usedUp') : t('left', { share: format.share(quota, 1) })}
          isWarning={quota <= ALMOST_GONE}
          {...(resetsAt === null ? {} : { note: t('resets', { when: format.dateTime(resetsAt) }) })}
        />
      </div>
      <Switch
        mt={2}
        checked={status === 1}
        aria-label={t('useForModel', { model })}
        onChange={(event) => onSwitch(event.currentTarget.checked)}
      />
    </Group>
  );
}

const ALMOST_GONE = 0.1;
