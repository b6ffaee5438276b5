import { Alert, Badge, Button, Group, List, Spoiler, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';
import type { NamedSecret } from '../../components/secret-once.tsx';
import type { ImportReport } from './api/import-document.ts';

/** What an import created, changed and left alone, its warnings, and the keys it generated, this once. */
export function ImportReportView({ report, onClose }: { report: ImportReport; onClose: () => void }): ReactNode {
  const { t } = useTranslation(['import', 'common']);
  const secrets = report.keys.flatMap(({ name, secret }): NamedSecret[] =>
    secret === undefined ? [] : [{ name, secret }],
  );
  return (
    <Stack gap="lg">
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
      {secrets.length > 0 ? <SecretOnce secrets={secrets} /> : null}
      <Changes title={t('createdList')} names={report.created} />
      <Changes title={t('updatedList')} names={report.updated} />
      <Group justify="flex-end">
        <Button onClick={onClose}>{secrets.length > 0 ? t('savedKeys') : t('common:close')}</Button>
      </Group>
    </Stack>
  );
}

function Changes({ title, names }: { title: string; names: readonly string[] }): ReactNode {
  const { t } = useTranslation('import');
  if (names.length === 0) return null;
  return (
    <Stack gap={4}>
      <Text fw={600} fz="sm">
        {title}
      </Text>
      <Spoiler maxHeight={120} showLabel={t('showAll')} hideLabel={t('showLess')}>
        <List fz="sm" c="dimmed" spacing={2}>
          {names.map((name) => (
            <List.Item key={name} style={{ overflowWrap: 'anywhere' }}>
              {name}
            </List.Item>
          ))}
        </List>
      </Spoiler>
    </Stack>
  );
}
