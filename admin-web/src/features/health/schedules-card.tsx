import { Button, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ResourceTable } from '../../components/resource-table.tsx';
import type { Health } from '../../lib/api/health.ts';
import { formatDuration } from '../../lib/format.ts';
import { RunDialog } from './run-dialog.tsx';
import { SCHEDULES, type Schedule, type ScheduleName } from './schedules.ts';
import type { SystemProps } from './system-search.ts';

/** Work that is done by the clock, and by hand where somebody does not want to wait. */
export function SchedulesCard({ health, search, onSearch }: SystemProps & { health: Health }): ReactNode {
  const { t } = useTranslation('system');
  const chosen = SCHEDULES.find(({ name }) => name === search.run) ?? null;
  return (
    <Stack gap="sm">
      <Stack gap={2}>
        <Title order={2} fz={16}>
          {t('schedules.title')}
        </Title>
        <Text fz="sm" c="dimmed">
          {t('schedules.intro')}
        </Text>
      </Stack>
      <ResourceTable
        caption={t('schedules.title')}
        rows={SCHEDULES}
        rowKey={({ name }) => name}
        columns={[
          { key: 'name', header: t('schedules.name'), render: (schedule) => <ScheduleNameCell schedule={schedule} /> },
          {
            key: 'every',
            header: t('schedules.every'),
            nowrap: true,
            render: (schedule) => <Rhythm schedule={schedule} />,
          },
          {
            key: 'state',
            header: t('schedules.progress'),
            render: ({ name }) => <Progress name={name} health={health} />,
          },
        ]}
        actionsLabel={t('schedules.run')}
        actions={({ name }) => (
          <Button
            size="xs"
            variant="default"
            aria-label={t('schedules.runNamed', { name: t(`schedules.names.${name}`) })}
            onClick={() => onSearch({ run: name })}
          >
            {t('schedules.run')}
          </Button>
        )}
      />
      <RunDialog schedule={chosen} onClose={() => onSearch({})} />
    </Stack>
  );
}

function ScheduleNameCell({ schedule: { name } }: { schedule: Schedule }): ReactNode {
  const { t } = useTranslation('system');
  return (
    <Stack gap={0}>
      <Text fz="sm" fw={600}>
        {t(`schedules.names.${name}`)}
      </Text>
      <Text fz="xs" c="dimmed" fw={400} style={{ whiteSpace: 'normal' }}>
        {t(`schedules.what.${name}`)}
      </Text>
    </Stack>
  );
}

function Rhythm({ schedule: { everyMinutes } }: { schedule: Schedule }): ReactNode {
  const { t } = useTranslation('system');
  return everyMinutes === null ? t('schedules.byHand') : t('schedules.minutes', { count: everyMinutes });
}

/** Two of them tell how far they are; the others tell by their report only. */
function Progress({ name, health }: { name: ScheduleName; health: Health }): ReactNode {
  const { t } = useTranslation('system');
  const told = {
    'roll-up-usage': { age: health.schedules.roll_up_age_seconds, state: health.components['roll_ups']?.status },
    'sweep-holds': { age: health.schedules.sweep_age_seconds, state: health.components['sweep']?.status },
  }[name as string];
  if (!told) return '–';
  if (told.age === null) return t('schedules.neverRan');
  const late = told.state === 'late';
  return (
    <Group gap="xs" justify="flex-start">
      <Text fz="sm" {...(late ? { c: 'red', fw: 600 } : {})}>
        {t(late ? 'schedules.late' : 'schedules.behind', { age: formatDuration(told.age * 1000) })}
      </Text>
    </Group>
  );
}
