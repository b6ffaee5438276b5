import { Alert, Code, List } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { ApiError } from '../../lib/api-client.ts';

/** Why nothing was saved: place by place where the API says so, for a field may be folded away. */
export function Refusal({ error }: { error: unknown }): ReactNode {
  const { t } = useTranslation('models');
  if (!error) return null;
  if (!(error instanceof ApiError) || error.findings.length === 0) return <ErrorState error={error} />;
  return (
    <Alert color="red" variant="light" icon={<Icon name="alert" />} title={t('refused')} role="alert">
      <List fz="sm" spacing={4}>
        {error.findings.map(({ path, message }) => (
          <List.Item key={`${path} ${message}`} style={{ overflowWrap: 'anywhere' }}>
            <Code>{path}</Code> {message}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
