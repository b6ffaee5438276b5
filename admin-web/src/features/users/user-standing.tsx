import { Button, Group, NumberInput, Select, SimpleGrid, Stack, Switch, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { changeBetween } from '../../lib/change-between.ts';
import { useChangeUser } from './api/change-user.ts';
import type { User } from './api/users.ts';
import { FLAGS, standingOf, type Standing } from './standing.ts';
import { ROLES } from './users-search.ts';

const MOST_TRUST = 1000;

/** Role, trust and the switches of a user. */
export function UserStanding({ user }: { user: User }): ReactNode {
  const { t } = useTranslation(['users', 'common']);
  const change = useChangeUser(user.id);
  const stored = standingOf(user);
  const form = useForm<Standing>({ initialValues: stored });
  const difference = changeBetween(stored, form.values);
  const save = form.onSubmit(() =>
    change.mutate(difference, {
      onSuccess: (saved) => {
        form.setValues(standingOf(saved));
        notifications.show({ color: 'green', message: t('savedChange') });
      },
    }),
  );
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        <Title order={3} fz={16}>
          {t('standing')}
        </Title>
        {change.error ? <ErrorState error={change.error} /> : null}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label={t('role')}
            allowDeselect={false}
            data={ROLES.map((role) => ({ value: role, label: t(`common:role.${role}`) }))}
            {...form.getInputProps('role')}
          />
          <NumberInput
            label={t('trust')}
            description={t('trustHint')}
            min={0}
            max={MOST_TRUST}
            clampBehavior="strict"
            allowDecimal={false}
            value={form.values.trust_level}
            onChange={(level) => form.setFieldValue('trust_level', Number(level) || 0)}
          />
        </SimpleGrid>
        {FLAGS.map((flag) => (
          <Switch
            key={flag}
            label={t(`flags.${flag}.label`)}
            description={t(`flags.${flag}.hint`)}
            {...form.getInputProps(flag, { type: 'checkbox' })}
          />
        ))}
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending} disabled={Object.keys(difference).length === 0}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
