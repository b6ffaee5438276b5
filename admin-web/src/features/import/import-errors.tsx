import { Alert, Code, List, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { ApiError } from '../../lib/api-client.ts';

/** What is wrong with the document, place by place. Nothing of it was written. */
export function ImportErrors({ error }: { error: unknown }): ReactNode {
  const { t } = useTranslation('import');
  if (!(error instanceof ApiError) || error.findings.length === 0) return <ErrorState error={error} />;
  return (
    <Alert color="red" variant="light" icon={<Icon name="alert" />} title={t('refused')} role="alert">
      <Stack gap="xs">
        <Text fz="sm">{t('nothingWritten')}</Text>
        <List fz="sm" spacing={6} withPadding>
          {error.findings.map((finding) => (
            <List.Item key={`${finding.path} ${finding.message}`} style={{ overflowWrap: 'anywhere' }}>
              <Code>{finding.path}</Code> {finding.message}
            </List.Item>
          ))}
        </List>
      </Stack>
    </Alert>
  );
}
