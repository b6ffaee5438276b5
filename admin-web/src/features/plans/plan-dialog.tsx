import { NumberInput, Select, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { useSavePlan, type Plan } from './api/plans.ts';
import { EMPTY_PLAN, faultyFields, formOf, planOf, type PlanForm } from './plan-form.ts';
import { PLAN_TYPES } from './plans-search.ts';

/** Makes a plan, or changes one. */
export function PlanDialog(props: { plan: Plan | null; creating: boolean; onClose: () => void }): ReactNode {
  const { t } = useTranslation('plans');
  const { plan, creating, onClose } = props;
  return (
    <Dialog
      opened={creating || plan !== null}
      onClose={onClose}
      title={plan ? t('changePlan') : t('createPlan')}
      centered
      size="lg"
    >
      <PlanFields key={plan?.name ?? ''} plan={plan} onClose={onClose} />
    </Dialog>
  );
}

function PlanFields({ plan, onClose }: { plan: Plan | null; onClose: () => void }): ReactNode {
  const { t } = useTranslation('plans');
  const save = useSavePlan(plan?.name ?? null);
  const form = useForm<PlanForm>({
    initialValues: plan ? formOf(plan) : EMPTY_PLAN,
    validate: (values) => {
      const faulty = faultyFields(values);
      return {
        ...(faulty.has('name') ? { name: t('nameInvalid') } : {}),
        ...(faulty.has('token_limit') ? { tokens: t('limitMissing') } : {}),
        ...(faulty.has('money_limit') ? { money: t('moneyInvalid') } : {}),
      };
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(planOf(values), { onSuccess: onClose }))} noValidate>
      <Stack gap="md">
        {save.error ? <ErrorState error={save.error} /> : null}
        <TextInput
          label={t('name')}
          disabled={plan !== null}
          data-autofocus={plan === null ? true : undefined}
          {...form.getInputProps('name')}
        />
        <Select
          label={t('type')}
          description={t('typeHint')}
          allowDeselect={false}
          data={PLAN_TYPES.map((type) => ({ value: type, label: t(`types.${type}`) }))}
          {...form.getInputProps('type')}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NumberInput
            label={t('tokens')}
            description={t('tokensHint')}
            min={1}
            allowDecimal={false}
            thousandSeparator
            {...form.getInputProps('tokens')}
          />
          <NumberInput
            label={t('money')}
            description={t('moneyHint')}
            min={0}
            decimalScale={6}
            prefix="$"
            {...form.getInputProps('money')}
          />
        </SimpleGrid>
        <Textarea
          label={t('description')}
          autosize
          minRows={2}
          maxLength={500}
          {...form.getInputProps('description')}
        />
        <FormActions submitLabel={t(plan ? 'save' : 'createPlan')} pending={save.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
