import { Button, FileButton, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../components/dialog.tsx';
import { Icon } from '../../components/icon.tsx';
import { useImportDocument } from './api/import-document.ts';
import { EXAMPLE_DOCUMENT } from './example-document.ts';
import { ImportErrors } from './import-errors.tsx';
import { ImportReportView } from './import-report-view.tsx';
import { readDocument } from './read-document.ts';

/** Takes a configuration document by paste or by file, and shows what became of it. */
export function ImportDialog({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  const { t } = useTranslation('import');
  const importing = useImportDocument();
  const close = (): void => {
    importing.reset();
    onClose();
  };
  return (
    <Dialog
      opened={opened}
      onClose={close}
      title={importing.data ? t('doneTitle') : t('title')}
      size="xl"
      // Generated keys are shown once, and a pasted document is work: neither is lost to a stray click.
      closeOnClickOutside={false}
    >
      {importing.data ? (
        <ImportReportView report={importing.data} onClose={close} />
      ) : (
        <DocumentForm importing={importing} onCancel={close} />
      )}
    </Dialog>
  );
}

function DocumentForm(props: { importing: ReturnType<typeof useImportDocument>; onCancel: () => void }): ReactNode {
  const { t } = useTranslation(['import', 'common']);
  const { importing } = props;
  const [text, setText] = useState('');
  const [unreadable, setUnreadable] = useState<string | null>(null);
  const change = (value: string): void => {
    setText(value);
    setUnreadable(null);
    importing.reset();
  };
  const submit = (): void => {
    const read = readDocument(text);
    if (read.ok) return importing.mutate(read.document);
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
      {importing.error ? <ImportErrors error={importing.error} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={props.onCancel}>
          {t('common:cancel')}
        </Button>
        <Button onClick={submit} loading={importing.isPending} disabled={text.trim() === ''}>
          {t('submit')}
        </Button>
      </Group>
    </Stack>
  );
}
