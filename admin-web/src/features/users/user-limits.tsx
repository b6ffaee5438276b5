import { Button, Group, NumberInput, SimpleGrid, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { Part } from '../../components/part.tsx';
import { changeBetween } from '../../lib/change-between.ts';
import { useChangeUser } from './api/change-user.ts';
import type { User } from './api/users.ts';
import { formOfLimits, limitsOfForm, OWN_LIMITS, type OwnLimitsForm } from './own-limits.ts';

const MOST = { counts: 1_000_000_000_000, dollars: 1_000_000, keys: 100_000 };

/** Limits of a user's own, which take the place of those of the role. */
export function UserLimits({ user }: { user: User }): ReactNode {
  const { t } = useTranslation('users');
  const change = useChangeUser(user.id);
  const stored = formOfLimits(user.limits);
  const form = useForm<OwnLimitsForm>({ initialValues: stored });
  const isSame = Object.keys(changeBetween(stored, form.values)).length === 0;
  const save = form.onSubmit((values) =>
    change.mutate(
      { limits: limitsOfForm(values) },
      {
        onSuccess: (saved) => {
          form.setValues(formOfLimits(saved.limits));
          notifications.show({ color: 'green', message: t('savedChange') });
        },
      },
    ),
  );
  return (
    <form onSubmit={save} noValidate>
      <Part title={t('limits.title')}>
        <Text fz="sm" c="dimmed">
          {t('limits.hint')}
        </Text>
        {change.error ? <ErrorState error={change.error} /> : null}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {OWN_LIMITS.map((name) => (
            <NumberInput
              key={name}
              label={t(`limits.${name}`)}
              placeholder={t('limits.asRole')}
              min={-1}
              {...numberOf(name)}
              value={form.values[name]}
              onChange={(limit) => form.setFieldValue(name, typeof limit === 'number' ? limit : '')}
            />
          ))}
        </SimpleGrid>
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending} disabled={isSame}>
            {t('limits.save')}
          </Button>
        </Group>
      </Part>
    </form>
  );
}

/** How the figure of a limit is written. */
function numberOf(name: (typeof OWN_LIMITS)[number]) {
  if (name === 'budgetMicrosPerMonth')
    return { max: MOST.dollars, decimalScale: 6, prefix: '$', thousandSeparator: ',' };
  return { max: name === 'keys' ? MOST.keys : MOST.counts, allowDecimal: false, thousandSeparator: ',' };
}
