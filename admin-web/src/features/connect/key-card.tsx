import { Button, Card, Group, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../components/copy-button.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { rememberFreshKey, useFreshKey } from '../../lib/fresh-key.ts';
import { useMakeKey } from './api/make-key.ts';

/** The key that the snippets carry: made here, or pasted. It is kept in this tab's memory only. */
export function KeyCard(): ReactNode {
  const { t } = useTranslation('connect');
  const freshKey = useFreshKey();
  return (
    <Card withBorder padding="lg" h="100%">
      <Stack gap="sm">
        <Title order={2} fz={16}>
          {t('key.title')}
        </Title>
        {freshKey === null ? <NoKey /> : <FilledKey secret={freshKey} />}
      </Stack>
    </Card>
  );
}

function FilledKey({ secret }: { secret: string }): ReactNode {
  const { t } = useTranslation('connect');
  return (
    <>
      <Text fz="sm">{t('key.filled', { end: secret.slice(-4) })}</Text>
      <Group gap="sm">
        <CopyButton value={secret} />
        <Button size="xs" variant="subtle" onClick={() => rememberFreshKey(null)}>
          {t('key.forget')}
        </Button>
      </Group>
    </>
  );
}

function NoKey(): ReactNode {
  const { t } = useTranslation('connect');
  const make = useMakeKey();
  const [pasted, setPasted] = useState('');
  // Names tell keys apart, so the time goes into it.
  const makeOne = (): void =>
    make.mutate(t('key.name', { time: new Date().toISOString().slice(0, 19).replace('T', ' ') }));
  const usePasted = (): void => {
    if (pasted.trim() !== '') rememberFreshKey(pasted.trim());
  };
  return (
    <>
      <Text fz="sm" c="dimmed">
        {t('key.missing')}
      </Text>
      {make.error ? <ErrorState error={make.error} /> : null}
      <Group gap="sm" align="flex-end">
        <Button leftSection={<Icon name="plus" size={16} />} loading={make.isPending} onClick={makeOne}>
          {t('key.make')}
        </Button>
        <PasswordInput
          aria-label={t('key.paste')}
          placeholder={t('key.paste')}
          autoComplete="off"
          value={pasted}
          onChange={(event) => setPasted(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') usePasted();
          }}
          style={{ flex: '1 1 180px' }}
        />
        {pasted.trim() === '' ? null : (
          <Button variant="default" onClick={usePasted}>
            {t('key.use')}
          </Button>
        )}
      </Group>
    </>
  );
}
