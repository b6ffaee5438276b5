import { Alert, Button, Group, Loader, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeBlock } from '../../components/code-block.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { formatDuration } from '../../lib/format.ts';
import { useRunSchedule } from './api/run-schedule.ts';
import { continuationOf, parametersOf, type FieldValues, type Schedule, type ScheduleField } from './schedules.ts';

/** Says what a run will do, asks what it has to know, and shows what it reports. */
export function RunDialog({ schedule, onClose }: { schedule: Schedule | null; onClose: () => void }): ReactNode {
  const { t } = useTranslation('system');
  // Kept while the dialog fades out.
  const [shown, setShown] = useState(schedule);
  if (schedule !== null && schedule !== shown) setShown(schedule);
  return (
    <Dialog
      opened={schedule !== null}
      onClose={onClose}
      title={shown ? t(`schedules.names.${shown.name}`) : ''}
      centered
      size="lg"
    >
      {shown ? <Run key={shown.name} schedule={shown} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Run({ schedule, onClose }: { schedule: Schedule; onClose: () => void }): ReactNode {
  const { t } = useTranslation(['system', 'common']);
  const { name, fields } = schedule;
  const [values, setValues] = useState<FieldValues>({});
  const run = useRunSchedule();
  const parameters = parametersOf(schedule, values);
  const rest = run.data ? continuationOf(run.variables.parameters, run.data.report) : null;
  const start = (given: Record<string, unknown>): void => run.mutate({ name, parameters: given });
  return (
    <Stack gap="md">
      <Text fz="sm">{t(`schedules.what.${name}`)}</Text>
      {run.data || run.isPending
        ? null
        : fields.map((field) => (
            <Field
              key={field.name}
              field={field}
              value={values[field.name]}
              onChange={(value) => setValues({ ...values, [field.name]: value })}
            />
          ))}
      {run.isPending ? (
        <Group gap="sm" role="status">
          <Loader size="sm" />
          <Text fz="sm">{t('run.underWay')}</Text>
        </Group>
      ) : null}
      {run.error ? <ErrorState error={run.error} /> : null}
      {run.data ? <Report data={run.data} isCut={rest !== null} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t(run.data ? 'common:close' : 'common:cancel')}
        </Button>
        {rest ? <Button onClick={() => start(rest)}>{t('run.goOn')}</Button> : null}
        {run.data ? null : (
          <Button
            loading={run.isPending}
            disabled={parameters === null}
            onClick={() => {
              if (parameters) start(parameters);
            }}
          >
            {t('schedules.run')}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function Report(props: { data: { report: unknown; durationMs: number }; isCut: boolean }): ReactNode {
  const { t } = useTranslation('system');
  const { report, durationMs } = props.data;
  return (
    <Stack gap="sm">
      <Alert color={props.isCut ? 'yellow' : 'green'} variant="light" role="status">
        {t(props.isCut ? 'run.cut' : 'run.done', { duration: formatDuration(durationMs) })}
      </Alert>
      <CodeBlock label={t('run.report')} text={JSON.stringify(report, null, 2) ?? '–'} wrap />
    </Stack>
  );
}

function Field(props: {
  field: ScheduleField;
  value: string | boolean | undefined;
  onChange: (value: string | boolean) => void;
}): ReactNode {
  const { t } = useTranslation('system');
  const { field, value, onChange } = props;
  if (field.kind === 'switch') {
    return (
      <Switch
        label={t(`run.fields.${field.name}`)}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  return (
    <TextInput
      type="datetime-local"
      label={t(`run.fields.${field.name}`)}
      required={field.required}
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
