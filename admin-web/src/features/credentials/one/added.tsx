import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import type { credentialView } from '@sluice/contract/credentials';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import { ErrorState } from '../../../components/error-state.tsx';
import { useRefreshCredential } from './api/refresh-credential.ts';
import { useTestCredential } from './api/test-credential.ts';
import { RefreshResult, TestResult, Working } from './results.tsx';
import type { Way } from './vendors.ts';

export interface AddedCredential {
  credential: z.output<typeof credentialView>;
  warnings: readonly string[];
  way: Way;
}

/** It is sealed; whether it works is asked at once, at no cost. */
export function Added(props: {
  added: AddedCredential;
  onAnother: () => void;
  onClose: () => void;
  onOpen?: () => void;
}): ReactNode {
  const { t } = useTranslation('credential');
  const { credential, warnings, way } = props.added;
  return (
    <Stack gap="md">
      <Alert color="green" variant="light" title={t('added.title', { name: credential.name })}>
        <Text fz="sm">{t(way === 'aws_role' ? 'added.role' : 'added.text')}</Text>
      </Alert>
      {warnings.length === 0 ? null : (
        <Alert color="yellow" variant="light">
          <List fz="sm">
            {warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <FirstTest {...props.added} />
      <Group justify="flex-end">
        <Button variant="default" onClick={props.onAnother}>
          {t('added.another')}
        </Button>
        {props.onOpen ? (
          <Button variant="default" onClick={props.onOpen}>
            {t('added.open')}
          </Button>
        ) : null}
        <Button onClick={props.onClose}>{t('added.done')}</Button>
      </Group>
    </Stack>
  );
}

/** A refresh token is exchanged before there is anything to test by. */
function FirstTest({ credential, way }: AddedCredential): ReactNode {
  const { t } = useTranslation('credential');
  const refresh = useRefreshCredential(credential);
  const test = useTestCredential();
  const begun = useRef(false);
  const ask = (): void => test.mutate({ place: credential, input: { listOnly: true } });
  const begin = (): void => {
    if (way !== 'refresh_token') return ask();
    refresh.mutate(false, {
      onSuccess: ({ outcome }) => {
        if (outcome === 'refreshed' || outcome === 'current') ask();
      },
    });
  };
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    begin();
  });
  const error = refresh.error ?? test.error;
  return (
    <Stack gap="sm" aria-live="polite">
      {refresh.isPending ? <Working text={t('added.refreshing')} /> : null}
      {refresh.data ? <RefreshResult report={refresh.data} /> : null}
      {test.isPending ? <Working text={t('added.testing')} /> : null}
      {test.data ? <TestResult report={test.data} /> : null}
      {error ? <ErrorState error={error} onRetry={begin} /> : null}
    </Stack>
  );
}
