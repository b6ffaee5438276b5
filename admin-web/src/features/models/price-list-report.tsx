import { Alert, Badge, Button, Card, Group, Spoiler, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import type { Model } from '../../lib/api/models.ts';
import { useFormat } from '../../lib/use-format.ts';
import type { PriceListReport } from './api/import-prices.ts';
import { PriceChanges } from './price-changes.tsx';
import { Refusal } from './refusal.tsx';
import { UnmatchedModels } from './unmatched-models.tsx';

type Row = PriceListReport['models'][number];

interface ReportProps {
  checked: { report: PriceListReport; before: ReadonlyMap<string, Model['price']> };
  /** The list's own names. */
  names: readonly string[];
  choices: Readonly<Record<string, string>>;
  isChecking: boolean;
  error: unknown;
  /** What was written; null until it is. */
  applied: PriceListReport | null;
  isApplying: boolean;
  onChoose: (model: string, entry: string | null) => void;
  onApply: () => void;
  onRestart: () => void;
  onModels: () => void;
}

const OUTCOMES = ['created', 'changed', 'unchanged', 'unknown', 'unpriced'] as const;
const COLORS = {
  created: 'green',
  changed: 'orange',
  unchanged: 'gray',
  unknown: 'yellow',
  unpriced: 'yellow',
} as const;

/** What a list changes, model by model, old → new; then what was written. */
export function PriceListReportView(props: ReportProps): ReactNode {
  const { t } = useTranslation('models');
  const { report } = props.checked;
  const rows = (...outcomes: Row['outcome'][]): Row[] => report.models.filter((row) => outcomes.includes(row.outcome));
  const [written, unmatched, same] = [rows('created', 'changed'), rows('unknown', 'unpriced'), rows('unchanged')];
  return (
    <Stack gap="lg">
      <Card withBorder padding="lg">
        <Stack gap="md">
          <Title order={2} fz={17}>
            {t(props.applied ? 'list.appliedTitle' : 'list.reportTitle')}
          </Title>
          <Group gap="xs">
            {OUTCOMES.map((outcome) => (
              <Badge key={outcome} size="lg" variant="light" color={COLORS[outcome]}>
                {t(`list.outcomes.${outcome}`)}: {report.counts[outcome]}
              </Badge>
            ))}
          </Group>
          <Refusal error={props.error} />
          <Actions {...props} changes={written.length} />
        </Stack>
      </Card>
      {written.length > 0 ? <ChangeTable rows={written} {...props} /> : null}
      {unmatched.length > 0 && !props.applied ? <UnmatchedModels rows={unmatched} {...props} /> : null}
      {same.length > 0 ? (
        <Text fz="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {t('list.same')} {same.map(({ model }) => model).join(', ')}
        </Text>
      ) : null}
    </Stack>
  );
}

function Actions(props: ReportProps & { changes: number }): ReactNode {
  const { t } = useTranslation('models');
  const { applied, changes } = props;
  if (applied) {
    return (
      <Stack gap="md">
        <Alert color="green" variant="light" icon={<Icon name="check" />}>
          {t('list.appliedText', { count: applied.counts.created + applied.counts.changed })}
        </Alert>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={props.onRestart}>
            {t('list.another')}
          </Button>
          <Button onClick={props.onModels}>{t('list.toModels')}</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <Stack gap="md">
      <Text fz="sm" c="dimmed">
        {t(changes > 0 ? 'list.willWrite' : 'list.nothingToWrite')}
      </Text>
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={props.onRestart}>
          {t('list.another')}
        </Button>
        {changes > 0 ? (
          <Button loading={props.isApplying} disabled={props.isChecking} onClick={props.onApply}>
            {t('list.apply', { count: changes })}
          </Button>
        ) : null}
      </Group>
    </Stack>
  );
}

function ChangeTable(props: ReportProps & { rows: readonly Row[] }): ReactNode {
  const { rows, checked } = props;
  const { t } = useTranslation('models');
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('list.reportTitle')}
      rows={rows}
      rowKey={(row) => row.model}
      columns={[
        {
          key: 'model',
          header: t('name'),
          render: (row) => (
            <Stack gap={2}>
              <Text fz="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
                {row.model}
              </Text>
              {row.entry !== null && row.entry !== row.model ? (
                <Text fz="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                  {t('list.asEntry', { entry: row.entry })}
                </Text>
              ) : null}
            </Stack>
          ),
        },
        {
          key: 'outcome',
          header: t('list.outcome'),
          render: (row) => (
            <Badge variant="light" color={COLORS[row.outcome]}>
              {t(`list.outcomes.${row.outcome}`)}
            </Badge>
          ),
        },
        {
          key: 'changes',
          header: t('list.changes'),
          render: (row) => (
            <Stack gap={4}>
              <PriceChanges before={checked.before.get(row.model) ?? null} after={row.price} />
              <Warnings warnings={row.warnings} />
              {row.model in props.choices && !props.applied ? (
                <Button
                  variant="subtle"
                  size="compact-xs"
                  style={{ alignSelf: 'flex-start' }}
                  onClick={() => props.onChoose(row.model, null)}
                >
                  {t('list.clearEntry', { model: row.model })}
                </Button>
              ) : null}
            </Stack>
          ),
        },
        {
          key: 'maxOutput',
          header: t('maxOutput'),
          align: 'end',
          render: (row) => (row.maxOutputTokens === null ? '–' : format.compact(row.maxOutputTokens)),
        },
      ]}
    />
  );
}

function Warnings({ warnings }: { warnings: readonly string[] }): ReactNode {
  const { t } = useTranslation('models');
  if (warnings.length === 0) return null;
  return (
    <Spoiler maxHeight={40} showLabel={t('showMore')} hideLabel={t('showLess')}>
      {warnings.map((warning) => (
        <Text key={warning} fz="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {warning}
        </Text>
      ))}
    </Spoiler>
  );
}
