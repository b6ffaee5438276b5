import {
  Alert,
  Anchor,
  Button,
  Group,
  MultiSelect,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { ALERT_METRICS } from '@sluice/contract/alerts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { useDeleteRule, useSaveRule, useTestRule, type Rule } from './api/rules.ts';
import { webhooksQuery } from './api/webhooks.ts';
import { COMPARISONS, EMPTY_RULE, faultyFields, formOfRule, ruleOf, SEVERITIES, type RuleForm } from './rule-form.ts';

/** Makes a rule, or changes one. */
export function RuleDialog(props: { rule: Rule | null; creating: boolean; onClose: () => void }): ReactNode {
  const { t } = useTranslation('alerts');
  const { rule, creating, onClose } = props;
  return (
    <Dialog
      opened={creating || rule !== null}
      onClose={onClose}
      title={t(rule ? 'changeRule' : 'createRule')}
      centered
      size="lg"
    >
      <RuleFields key={rule?.id ?? ''} rule={rule} onClose={onClose} />
      {rule ? <RuleActions rule={rule} onDeleted={onClose} /> : null}
    </Dialog>
  );
}

function RuleFields({ rule, onClose }: { rule: Rule | null; onClose: () => void }): ReactNode {
  const { t, i18n } = useTranslation('alerts');
  const save = useSaveRule(rule?.id ?? null);
  const webhooks = useQuery(webhooksQuery);
  const form = useForm<RuleForm>({
    initialValues: rule ? formOfRule(rule) : EMPTY_RULE,
    validate: (values) =>
      Object.fromEntries(
        [...faultyFields(values)].map((field) => [field, t(field === 'name' ? 'nameInvalid' : 'numberInvalid')]),
      ),
  });
  const language = i18n.language === 'zh' ? 'zh' : 'en';
  const submit = form.onSubmit((values) => save.mutate(ruleOf(values, rule, language), { onSuccess: onClose }));
  const number = (field: 'threshold' | 'windowMinutes' | 'cooldownMinutes' | 'minimumRequests') => ({
    label: t(field),
    ...form.getInputProps(field),
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {save.error ? <ErrorState error={save.error} /> : null}
        {rule?.unavailable ? (
          <Alert color="yellow" variant="light">
            {rule.unavailable}
          </Alert>
        ) : null}
        <TextInput label={t('name')} {...form.getInputProps('name')} />
        <Select
          label={t('metric')}
          allowDeselect={false}
          searchable
          data={ALERT_METRICS.map((metric) => ({ value: metric, label: t(`metrics.${metric}`) }))}
          {...form.getInputProps('metric')}
        />
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <Select
            label={t('comparison')}
            allowDeselect={false}
            data={[...COMPARISONS]}
            {...form.getInputProps('comparison')}
          />
          <NumberInput {...number('threshold')} />
          <Select
            label={t('severity')}
            allowDeselect={false}
            data={SEVERITIES.map((severity) => ({ value: severity, label: t(`severities.${severity}`) }))}
            {...form.getInputProps('severity')}
          />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <NumberInput min={1} max={1440} allowDecimal={false} {...number('windowMinutes')} />
          <NumberInput min={1} max={10_080} allowDecimal={false} {...number('cooldownMinutes')} />
          <NumberInput min={1} allowDecimal={false} {...number('minimumRequests')} />
        </SimpleGrid>
        <Switch label={t('mailAdmins')} {...form.getInputProps('mail', { type: 'checkbox' })} />
        <MultiSelect
          label={t('tabs.webhooks')}
          placeholder={webhooks.data?.length === 0 ? t('noWebhooks.title') : undefined}
          data={(webhooks.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          {...form.getInputProps('webhooks')}
        />
        <Switch
          label={t('on')}
          disabled={rule?.unavailable !== null && rule !== null}
          {...form.getInputProps('enabled', { type: 'checkbox' })}
        />
        <FormActions submitLabel={t(rule ? 'save' : 'createRule')} pending={save.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}

function RuleActions({ rule, onDeleted }: { rule: Rule; onDeleted: () => void }): ReactNode {
  const { t } = useTranslation('alerts');
  const testing = useTestRule();
  const deletion = useDeleteRule();
  const [asking, setAsking] = useState(false);
  return (
    <Stack gap="sm" mt="lg">
      {testing.error ? <ErrorState error={testing.error} /> : null}
      <Group justify="space-between">
        <Anchor href={rule.runbook} target="_blank" rel="noreferrer" fz="sm">
          {t('runbook')}
        </Anchor>
        <Group gap="sm">
          <Button
            variant="default"
            size="xs"
            loading={testing.isPending}
            onClick={() =>
              testing.mutate(rule.id, {
                onSuccess: ({ deliveries }) =>
                  notifications.show({ message: t('testSent', { count: deliveries.length }) }),
              })
            }
          >
            {t('sendTest')}
          </Button>
          {rule.builtIn ? null : (
            <Button variant="light" color="red" size="xs" onClick={() => setAsking(true)}>
              {t('delete')}
            </Button>
          )}
        </Group>
      </Group>
      <ConfirmDialog
        opened={asking}
        title={t('deleteRuleTitle')}
        text={t('deleteRuleText', { name: rule.name })}
        confirmLabel={t('delete')}
        pending={deletion.isPending}
        error={deletion.error}
        onConfirm={() => deletion.mutate(rule.id, { onSuccess: onDeleted })}
        onClose={() => setAsking(false)}
      />
    </Stack>
  );
}
