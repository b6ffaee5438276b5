import { ActionIcon, Badge, Button, Group, Stack, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DeleteDialog } from '../../components/delete-dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { plansQuery, useDeletePlan, type Plan } from './api/plans.ts';
import { PlanDialog } from './plan-dialog.tsx';
import type { PlansProps } from './plans-search.ts';

export function PlansTab({ search, onSearch }: PlansProps): ReactNode {
  const { t } = useTranslation('plans');
  const plans = useQuery(plansQuery);
  const deletion = useDeletePlan();
  const [doomed, setDoomed] = useState<Plan | null>(null);
  const createButton = (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={() => onSearch({ create: true })}>
      {t('createPlan')}
    </Button>
  );
  return (
    <QueryView query={plans}>
      {({ plans: rows }) => (
        <Stack gap="md">
          {rows.length === 0 ? (
            <EmptyState icon="plans" title={t('noPlans.title')} text={t('noPlans.text')} action={createButton} />
          ) : (
            <>
              <Group justify="flex-end">{createButton}</Group>
              <PlanTable plans={rows} onOpen={({ name }) => onSearch({ plan: name })} onDelete={setDoomed} />
            </>
          )}
          <PlanDialog
            plan={rows.find(({ name }) => name === search.plan) ?? null}
            creating={search.create === true}
            onClose={() => onSearch({})}
          />
          <DeleteDialog
            target={doomed}
            title={t('deletePlanTitle')}
            text={({ name }) => t('deletePlanText', { name })}
            confirmLabel={t('delete')}
            deletion={deletion}
            idOf={({ name }) => name}
            onClose={() => setDoomed(null)}
          />
        </Stack>
      )}
    </QueryView>
  );
}

function PlanTable(props: {
  plans: readonly Plan[];
  onOpen: (plan: Plan) => void;
  onDelete: (plan: Plan) => void;
}): ReactNode {
  const { t } = useTranslation('plans');
  const format = useFormat();
  return (
    <ResourceTable
      caption={t('plans')}
      rows={props.plans}
      rowKey={(plan) => plan.name}
      onOpen={props.onOpen}
      columns={[
        { key: 'name', header: t('name'), render: (plan) => plan.name },
        {
          key: 'type',
          header: t('type'),
          render: (plan) => <Badge variant="light">{t(`types.${plan.plan_type}`)}</Badge>,
        },
        {
          key: 'tokens',
          header: t('tokens'),
          align: 'end',
          render: (plan) => (plan.token_limit === null ? t('unlimited') : format.compact(plan.token_limit)),
        },
        {
          key: 'money',
          header: t('money'),
          align: 'end',
          render: (plan) => (plan.money_limit === null ? t('unlimited') : format.dollars(plan.money_limit)),
        },
        {
          key: 'description',
          header: t('description'),
          render: (plan) => (
            <Text fz="sm" c="dimmed" lineClamp={2}>
              {plan.description || '–'}
            </Text>
          ),
        },
      ]}
      actionsLabel={t('actions')}
      actions={(plan) => (
        <Tooltip label={t('delete')}>
          <ActionIcon
            variant="subtle"
            color="red"
            size="lg"
            aria-label={t('deletePlan', { name: plan.name })}
            onClick={() => props.onDelete(plan)}
          >
            <Icon name="trash" />
          </ActionIcon>
        </Tooltip>
      )}
    />
  );
}
