import { Badge, Button, Group, Stack, Switch, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useErrorText } from '../../lib/use-error-text.ts';
import type { AlertsProps } from './alerts-search.ts';
import { rulesQuery, useChangeRule, type Rule } from './api/rules.ts';
import { RuleDialog } from './rule-dialog.tsx';
import { SeverityBadge } from './severity-badge.tsx';
import { useMeasure } from './use-measure.ts';
import { useRuleName } from './use-rule-name.ts';

export function RulesTab({ search, onSearch }: AlertsProps): ReactNode {
  const { t } = useTranslation('alerts');
  const rules = useQuery(rulesQuery);
  return (
    <QueryView query={rules}>
      {({ rules: rows }) => (
        <Stack gap="md">
          <Group justify="flex-end">
            <Button
              leftSection={<Icon name="plus" size={16} />}
              onClick={() => onSearch({ tab: 'rules', create: true })}
            >
              {t('createRule')}
            </Button>
          </Group>
          <RuleTable rules={rows} onOpen={({ id }) => onSearch({ tab: 'rules', rule: id })} />
          <RuleDialog
            rule={rows.find(({ id }) => id === search.rule) ?? null}
            creating={search.create === true}
            onClose={() => onSearch({ tab: 'rules' })}
          />
        </Stack>
      )}
    </QueryView>
  );
}

const STATUS_COLORS = { ok: 'green', unknown: 'gray', quiet: 'gray', firing: 'red', off: 'gray' } as const;

function RuleTable({ rules, onOpen }: { rules: readonly Rule[]; onOpen: (rule: Rule) => void }): ReactNode {
  const { t } = useTranslation('alerts');
  const nameOf = useRuleName();
  const measure = useMeasure();
  return (
    <ResourceTable
      caption={t('tabs.rules')}
      rows={rules}
      rowKey={(rule) => rule.id}
      onOpen={onOpen}
      columns={[
        { key: 'name', header: t('name'), render: (rule) => nameOf(rule.name) },
        {
          key: 'condition',
          header: t('condition'),
          render: (rule) => (
            <Text fz="sm">
              {t(`metrics.${rule.metric}`)} {rule.comparison} {measure(rule.threshold, rule.unit)}
            </Text>
          ),
        },
        { key: 'severity', header: t('severity'), render: (rule) => <SeverityBadge severity={rule.severity} /> },
        {
          key: 'status',
          header: t('status'),
          render: (rule) => (
            <Badge variant="light" color={STATUS_COLORS[rule.status]}>
              {t(`statuses.${rule.status}`)}
            </Badge>
          ),
        },
        {
          key: 'value',
          header: t('value'),
          align: 'end',
          render: (rule) => (rule.value === null ? '–' : measure(rule.value, rule.unit)),
        },
      ]}
      actionsLabel={t('on')}
      actions={(rule) => <RuleSwitch rule={rule} />}
    />
  );
}

function RuleSwitch({ rule }: { rule: Rule }): ReactNode {
  const { t } = useTranslation('alerts');
  const nameOf = useRuleName();
  const change = useChangeRule();
  const errorText = useErrorText();
  const enabled = change.isPending ? (change.variables.change.enabled ?? rule.enabled) : rule.enabled;
  return (
    <Switch
      checked={enabled}
      disabled={rule.unavailable !== null}
      title={rule.unavailable ?? undefined}
      aria-label={t('switchRule', { name: nameOf(rule.name) })}
      onChange={(event) =>
        change.mutate(
          { id: rule.id, change: { enabled: event.currentTarget.checked } },
          { onError: (error) => notifications.show({ color: 'red', message: errorText(error) }) },
        )
      }
    />
  );
}
