import { Alert, Badge, Button, Group, List, Stack } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';
import type { NamedSecret } from '../../components/secret-once.tsx';
import type { ImportReport } from './api/import-document.ts';
import { entriesOf } from './report-entries.ts';
import { useSectionName } from './use-section-name.ts';

/** What an import created, changed and left alone, its warnings, and the keys it generated, this once. */
export function ImportReportView({ report, onClose }: { report: ImportReport; onClose: () => void }): ReactNode {
  const { t } = useTranslation(['import', 'common']);
  const secrets = report.keys.flatMap(({ name, secret }): NamedSecret[] =>
    secret === undefined ? [] : [{ name, secret }],
  );
  return (
    <Stack gap="lg">
      <Alert color="green" variant="light" role="status" icon={<Icon name="check" />} title={t('doneTitle')} />
      {secrets.length > 0 ? <SecretOnce secrets={secrets} /> : null}
      <ReportBody report={report} />
      <Group justify="flex-end">
        <Button onClick={onClose}>{secrets.length > 0 ? t('savedKeys') : t('common:close')}</Button>
      </Group>
    </Stack>
  );
}

/** Sums, warnings, and each entry with what becomes of it. */
export function ReportBody({ report }: { report: ImportReport }): ReactNode {
  const { t } = useTranslation('import');
  return (
    <>
      <Group gap="xs">
        <Badge size="lg" variant="light" color="green">
          {t('created', { count: report.created.length })}
        </Badge>
        <Badge size="lg" variant="light">
          {t('updated', { count: report.updated.length })}
        </Badge>
        <Badge size="lg" variant="light" color="gray">
          {t('unchanged', { count: report.unchanged.length })}
        </Badge>
      </Group>
      {report.warnings.length > 0 ? (
        <Alert color="yellow" variant="light" icon={<Icon name="alert" />} title={t('warnings')}>
          <List fz="sm" spacing={4}>
            {report.warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      ) : null}
      <Entries report={report} />
    </>
  );
}

const AT_FIRST = 20;
const COLORS = { created: 'green', updated: 'water', unchanged: 'gray' } as const;

function Entries({ report }: { report: ImportReport }): ReactNode {
  const { t } = useTranslation('import');
  const sectionName = useSectionName();
  const [all, setAll] = useState(false);
  const entries = entriesOf(report);
  if (entries.length === 0) return null;
  return (
    <Stack gap="sm">
      <ResourceTable
        caption={t('entries')}
        rows={all ? entries : entries.slice(0, AT_FIRST)}
        rowKey={({ section, name }) => `${section}/${name}`}
        columns={[
          { key: 'name', header: t('entry'), render: ({ section, name }) => name || sectionName(section) },
          { key: 'section', header: t('section'), render: ({ section }) => sectionName(section) },
          {
            key: 'effect',
            header: t('effect'),
            nowrap: true,
            render: ({ effect }) => (
              <Badge variant="light" color={COLORS[effect]}>
                {t(`effects.${effect}`)}
              </Badge>
            ),
          },
        ]}
      />
      {entries.length > AT_FIRST ? (
        <Group justify="center">
          <Button variant="subtle" size="xs" onClick={() => setAll(!all)}>
            {all ? t('showLess') : t('showAll', { count: entries.length })}
          </Button>
        </Group>
      ) : null}
    </Stack>
  );
}
