import { Button, Group, List, SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeBlock } from '../../components/code-block.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { Facts } from '../../components/facts.tsx';
import { Icon } from '../../components/icon.tsx';
import { Section } from '../../components/section.tsx';
import { useFormat } from '../../lib/use-format.ts';
import { useExportDocument, type Exported } from './api/export-document.ts';
import { saveText } from '../../lib/save-text.ts';
import { useSectionName } from './use-section-name.ts';

const IN_IT = ['setUp', 'people', 'settings'] as const;
const NOT_IN_IT = ['secrets', 'usersOwn', 'records'] as const;

/** The configuration of this gateway as a file: what is in it, and what is not. */
export function ExportSection(): ReactNode {
  const { t } = useTranslation('import');
  const exporting = useExportDocument();
  const save = (): void =>
    exporting.mutate(undefined, {
      onSuccess: ({ text }) =>
        saveText({ name: `sluice-${new Date().toISOString().slice(0, 10)}.json`, text, type: 'application/json' }),
    });
  return (
    <Section
      title={t('export.title')}
      hint={t('export.hint')}
      actions={
        <Button leftSection={<Icon name="transfer" size={16} />} loading={exporting.isPending} onClick={save}>
          {t('export.save')}
        </Button>
      }
    >
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Kinds title={t('export.inIt')} texts={IN_IT.map((kind) => t(`export.${kind}`))} />
        <Kinds title={t('export.notInIt')} texts={NOT_IN_IT.map((kind) => t(`export.${kind}`))} />
      </SimpleGrid>
      {exporting.error ? <ErrorState error={exporting.error} onRetry={save} /> : null}
      {exporting.data ? <Saved exported={exporting.data} /> : null}
    </Section>
  );
}

function Kinds({ title, texts }: { title: string; texts: readonly string[] }): ReactNode {
  return (
    <Stack gap={4}>
      <Text fw={600} fz="sm">
        {title}
      </Text>
      <List fz="sm" spacing={4}>
        {texts.map((text) => (
          <List.Item key={text}>{text}</List.Item>
        ))}
      </List>
    </Stack>
  );
}

function Saved({ exported }: { exported: Exported }): ReactNode {
  const { t } = useTranslation('import');
  const format = useFormat();
  const sectionName = useSectionName();
  return (
    <Stack gap="sm" role="status">
      <Group gap="xs">
        <Icon name="check" size={16} />
        <Text fz="sm" fw={600}>
          {t('export.saved')}
        </Text>
      </Group>
      <Facts
        rows={exported.counts.map(({ section, count }) => ({
          label: sectionName(section),
          value: format.count(count),
        }))}
      />
    </Stack>
  );
}

/** What the document does not replace. */
export function BackupSection(): ReactNode {
  const { t } = useTranslation('import');
  return (
    <Section title={t('backup.title')} hint={t('backup.hint')}>
      <Stack gap="xs">
        <Text fz="sm">{t('backup.machine')}</Text>
        <CodeBlock text={'npm run backup\nnpm run restore -- FILE'} label={t('backup.machine')} />
      </Stack>
      <Text fz="sm">{t('backup.cloud')}</Text>
    </Section>
  );
}
