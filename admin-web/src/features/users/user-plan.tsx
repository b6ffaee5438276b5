import { Button, Checkbox, Group, Select, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { PlanView } from '../../components/plan-view.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { namedPlansQuery, useEndPlan, useGivePlan, userPlanQuery } from './api/user-plan.ts';

/** The plan that a user has: what is left of it, another one, its end. */
export function UserPlan({ userId }: { userId: string }): ReactNode {
  const { t } = useTranslation('users');
  const plan = useQuery(userPlanQuery(userId));
  return (
    <Stack gap="md">
      <Title order={3} fz={16}>
        {t('plan.title')}
      </Title>
      <QueryView query={plan} skeleton={[60]}>
        {(data) => (
          <>
            {data === null ? (
              <Text fz="sm" c="dimmed">
                {t('plan.none')}
              </Text>
            ) : (
              <PlanView plan={data} />
            )}
            <GivePlan userId={userId} />
            {data?.is_active ? <EndPlan userId={userId} name={data.name} /> : null}
          </>
        )}
      </QueryView>
    </Stack>
  );
}

function GivePlan({ userId }: { userId: string }): ReactNode {
  const { t } = useTranslation('users');
  const plans = useQuery(namedPlansQuery);
  const give = useGivePlan(userId);
  const [name, setName] = useState<string | null>(null);
  const [renew, setRenew] = useState(false);
  const names = plans.data?.plans.map((plan) => plan.name) ?? [];
  return (
    <Stack gap="sm">
      {give.error ? <ErrorState error={give.error} /> : null}
      <Group align="flex-end" gap="sm">
        <Select
          label={t('plan.give')}
          placeholder={t(names.length === 0 ? 'plan.noneDefined' : 'plan.choose')}
          data={names}
          value={name}
          onChange={setName}
          disabled={names.length === 0}
          searchable
          style={{ flex: '1 1 200px' }}
        />
        <Button
          variant="default"
          disabled={name === null}
          loading={give.isPending}
          onClick={() => {
            if (name !== null) give.mutate({ plan: name, renew }, { onSuccess: () => setName(null) });
          }}
        >
          {t('plan.giveButton')}
        </Button>
      </Group>
      <Checkbox
        label={t('plan.renew')}
        description={t('plan.renewHint')}
        checked={renew}
        onChange={(event) => setRenew(event.currentTarget.checked)}
      />
    </Stack>
  );
}

function EndPlan({ userId, name }: { userId: string; name: string }): ReactNode {
  const { t } = useTranslation('users');
  const [asking, setAsking] = useState(false);
  const end = useEndPlan(userId);
  return (
    <Group justify="flex-end">
      <Button variant="subtle" color="red" size="xs" onClick={() => setAsking(true)}>
        {t('plan.end')}
      </Button>
      <ConfirmDialog
        opened={asking}
        title={t('plan.endTitle')}
        text={t('plan.endText', { name })}
        confirmLabel={t('plan.end')}
        pending={end.isPending}
        error={end.error}
        onConfirm={() => end.mutate(undefined, { onSuccess: () => setAsking(false) })}
        onClose={() => setAsking(false)}
      />
    </Group>
  );
}
