import { Alert, Anchor, Button, Divider, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeBlock } from '../../../components/code-block.tsx';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { Part } from '../../../components/part.tsx';
import { ApiError } from '../../../lib/api-client.ts';
import { useSession } from '../../../lib/api/session.ts';
import type { CredentialDetails } from './api/credential.ts';
import { useRevealTokens } from './api/reveal-tokens.ts';

const TOKENS = ['accessToken', 'refreshToken', 'lastRefreshToken'] as const;

/** The tokens themselves, for super administrators where the setting allows it, until the drawer is closed. */
export function RevealTokens({ credential }: { credential: CredentialDetails }): ReactNode {
  const { t } = useTranslation('credential');
  const { data: session } = useSession();
  const [asking, setAsking] = useState(false);
  const reveal = useRevealTokens(credential);
  if (!session?.permissions.includes('credentials:reveal')) return null;
  const isUsers = credential.owner !== null;
  return (
    <>
      <Divider />
      <Part title={t('reveal.title')}>
        <Text fz="sm" c="dimmed">
          {t(isUsers ? 'reveal.usersOwn' : 'reveal.hint')}{' '}
          {isUsers ? null : (
            <Anchor renderRoot={(props) => <Link to="/settings" {...props} />} fz="sm">
              {t('reveal.settings')}
            </Anchor>
          )}
        </Text>
        {reveal.data ? (
          <Shown tokens={reveal.data} onHide={() => reveal.reset()} />
        ) : isUsers ? null : (
          <Group>
            <Button variant="light" color="red" onClick={() => setAsking(true)}>
              {t('reveal.button')}
            </Button>
          </Group>
        )}
      </Part>
      <ConfirmDialog
        opened={asking}
        title={t('reveal.ask')}
        text={t('reveal.text', { name: credential.name })}
        confirmLabel={t('reveal.button')}
        pending={reveal.isPending}
        error={inOwnWords(reveal.error)}
        onConfirm={() => reveal.mutate(undefined, { onSuccess: () => setAsking(false) })}
        onClose={() => {
          setAsking(false);
          if (reveal.error) reveal.reset();
        }}
      />
    </>
  );
}

/** A refusal here says which switch is off, which is more than that one may not. */
function inOwnWords(error: unknown): unknown {
  return error instanceof ApiError && error.status === 403 ? new Error(error.message) : error;
}

function Shown(props: {
  tokens: NonNullable<ReturnType<typeof useRevealTokens>['data']>;
  onHide: () => void;
}): ReactNode {
  const { t } = useTranslation('credential');
  return (
    <Stack gap="sm">
      <Alert color="yellow" variant="light" title={t('reveal.onceTitle')}>
        {t('reveal.onceText')}
      </Alert>
      {TOKENS.map((name) => {
        const token = props.tokens[name];
        return (
          <Stack key={name} gap={4}>
            <Text fz="sm" fw={600}>
              {t(`reveal.${name}`)}
            </Text>
            {token === null ? (
              <Text fz="sm" c="dimmed">
                {t('reveal.none')}
              </Text>
            ) : (
              <CodeBlock text={token} label={t(`reveal.${name}`)} wrap />
            )}
          </Stack>
        );
      })}
      <Group>
        <Button variant="default" onClick={props.onHide}>
          {t('reveal.hide')}
        </Button>
      </Group>
    </Stack>
  );
}
