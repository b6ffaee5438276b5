import { Button, FileButton, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { useCheckDocument, useImportDocument } from './api/import-document.ts';
import { EXAMPLE_DOCUMENT } from './example-document.ts';
import { ImportErrors } from './import-errors.tsx';
import { ImportPreview } from './import-preview.tsx';
import { ImportReportView } from './import-report-view.tsx';
import { readDocument } from './read-document.ts';

/**
 * A configuration document in three steps: taken by paste or file, looked at entry by entry, written.
 * `onDone` leaves: after the report, or before anything was written.
 */
export function ImportFlow({ onDone, onCancel }: { onDone: () => void; onCancel?: () => void }): ReactNode {
  const [text, setText] = useState('');
  const check = useCheckDocument();
  const importing = useImportDocument();
  const again = (): void => {
    importing.reset();
    check.reset();
  };
  if (importing.data) {
    return (
      <ImportReportView
        report={importing.data}
        onClose={() => {
          again();
          setText('');
          onDone();
        }}
      />
    );
  }
  if (check.data) {
    return (
      <ImportPreview
        report={check.data}
        pending={importing.isPending}
        error={importing.error}
        onApply={() => importing.mutate(check.variables)}
        onBack={again}
      />
    );
  }
  return <DocumentForm text={text} onText={setText} check={check} {...(onCancel ? { onCancel } : {})} />;
}

function DocumentForm(props: {
  text: string;
  onText: (text: string) => void;
  check: ReturnType<typeof useCheckDocument>;
  onCancel?: () => void;
}): ReactNode {
  const { t } = useTranslation(['import', 'common']);
  const { text, check } = props;
  const [unreadable, setUnreadable] = useState<string | null>(null);
  const change = (value: string): void => {
    props.onText(value);
    setUnreadable(null);
    check.reset();
  };
  const submit = (): void => {
    const read = readDocument(text);
    if (read.ok) return check.mutate(read.document);
    setUnreadable(t('notJsonAt', { line: read.line, column: read.column }));
  };
  return (
    <Stack gap="md">
      <Text fz="sm" c="dimmed">
        {t('intro')}
      </Text>
      <Group gap="sm">
        <FileButton accept="application/json,.json" onChange={(file) => void file?.text().then(change)}>
          {(button) => (
            <Button variant="default" size="xs" leftSection={<Icon name="upload" size={15} />} {...button}>
              {t('chooseFile')}
            </Button>
          )}
        </FileButton>
        <Button variant="subtle" size="xs" onClick={() => change(JSON.stringify(EXAMPLE_DOCUMENT, null, 2))}>
          {t('useExample')}
        </Button>
      </Group>
      <Textarea
        aria-label={t('document')}
        placeholder={t('placeholder')}
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
        error={unreadable}
        autosize
        minRows={10}
        maxRows={18}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
      />
      {check.error ? <ImportErrors error={check.error} /> : null}
      <Group justify="flex-end">
        {props.onCancel ? (
          <Button variant="default" onClick={props.onCancel}>
            {t('common:cancel')}
          </Button>
        ) : null}
        <Button onClick={submit} loading={check.isPending} disabled={text.trim() === ''}>
          {t('check')}
        </Button>
      </Group>
    </Stack>
  );
}
