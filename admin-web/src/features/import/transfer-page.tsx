import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../components/page-header.tsx';
import { Section } from '../../components/section.tsx';
import { BackupSection, ExportSection } from './export-section.tsx';
import { ImportFlow } from './import-flow.tsx';

/** The configuration as a document: in, and out. */
export function TransferPage(): ReactNode {
  const { t } = useTranslation('import');
  return (
    <>
      <PageHeader title={t('transfer.title')} intro={t('transfer.intro')} />
      <Stack gap="lg">
        <Section title={t('title')}>
          <ImportFlow onDone={() => undefined} />
        </Section>
        <ExportSection />
        <BackupSection />
      </Stack>
    </>
  );
}
