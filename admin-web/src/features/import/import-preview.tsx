import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ImportReport } from './api/import-document.ts';
import { ImportErrors } from './import-errors.tsx';
import { ReportBody } from './import-report-view.tsx';

/** What the document would do, before it does. */
export function ImportPreview(props: {
  report: ImportReport;
  pending: boolean;
  error: unknown;
  onApply: () => void;
  onBack: () => void;
}): ReactNode {
  const { t } = useTranslation('import');
  const changes = props.report.created.length + props.report.updated.length;
  return (
    <Stack gap="lg">
      <Text fz="sm">{t(changes === 0 ? 'nothingToDo' : 'preview')}</Text>
      <ReportBody report={props.report} />
      {props.error ? <ImportErrors error={props.error} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={props.onBack} disabled={props.pending}>
          {t('back')}
        </Button>
        <Button onClick={props.onApply} loading={props.pending} disabled={changes === 0}>
          {t('apply', { count: changes })}
        </Button>
      </Group>
    </Stack>
  );
}
