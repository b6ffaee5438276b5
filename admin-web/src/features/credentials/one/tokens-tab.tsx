import { Alert, Button, Divider, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { Facts } from '../../../components/facts.tsx';
import { Icon } from '../../../components/icon.tsx';
import { Part } from '../../../components/part.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import { upstreamsQuery } from '../../../lib/api/upstreams.ts';
import type { CredentialDetails } from './api/credential.ts';
import { useRefreshCredential } from './api/refresh-credential.ts';
import { AsideTokens } from './aside-tokens.tsx';
import { OAuthClientForm } from './oauth-client-form.tsx';
import { RefreshResult, Working } from './results.tsx';
import { RevealTokens } from './reveal-tokens.tsx';
import { SignInFlow } from './sign-in-flow.tsx';
import { When } from './when.tsx';

type Tokens = NonNullable<CredentialDetails['tokens']>;

/** How the tokens of an OAuth credential stand, and all that brings other ones. */
export function TokensTab({ credential }: { credential: CredentialDetails }): ReactNode {
  const { t } = useTranslation('credential');
  return (
    <Stack gap="xl">
      {credential.tokens === null ? (
        <Text fz="sm" c="dimmed">
          {t('tokens.none')}
        </Text>
      ) : (
        <Standing tokens={credential.tokens} />
      )}
      <Refresh credential={credential} />
      <Divider />
      <SignInAnew credential={credential} />
      <Divider />
      <AsideTokens place={credential} />
      <RevealTokens credential={credential} />
    </Stack>
  );
}

function Standing({ tokens }: { tokens: Tokens }): ReactNode {
  const { t } = useTranslation('credential');
  const { lastResult, accessExpiresAt, refreshedAt, dueAt, backsOffUntil } = tokens;
  const never = t('tokens.never');
  const isStuck = tokens.invalid !== null || tokens.ambiguous !== null;
  const isDue = dueAt !== null && Date.parse(dueAt) <= Date.now();
  return (
    <Stack gap="md">
      {tokens.invalid ? <Told color="red" title={t('tokens.invalid.title')} told={tokens.invalid} /> : null}
      {tokens.ambiguous ? (
        <Told color="yellow" title={t('tokens.ambiguous.title')} told={tokens.ambiguous}>
          {t('tokens.ambiguous.text')}
        </Told>
      ) : null}
      <Facts
        rows={[
          { label: t('tokens.refreshToken'), value: t(tokens.hasRefreshToken ? 'tokens.there' : 'tokens.missing') },
          {
            label: t('tokens.accessToken'),
            value: tokens.hasAccessToken ? (
              accessExpiresAt === null ? (
                t('tokens.noExpiry')
              ) : (
                <>
                  {t(Date.parse(accessExpiresAt) <= Date.now() ? 'tokens.expired' : 'tokens.expires')}{' '}
                  <When time={accessExpiresAt} />
                </>
              )
            ) : (
              t(isStuck ? 'tokens.missing' : 'tokens.notYet')
            ),
          },
          { label: t('tokens.refreshedAt'), value: refreshedAt === null ? never : <When time={refreshedAt} /> },
          {
            label: t('tokens.dueAt'),
            value: dueAt === null ? t('tokens.notByItself') : isDue ? t('tokens.dueNow') : <When time={dueAt} />,
          },
          { label: t('tokens.rotation'), value: tokens.rotation },
          ...(backsOffUntil === null
            ? []
            : [{ label: t('tokens.backsOff'), value: <When key="when" time={backsOffUntil} /> }]),
          ...(lastResult === null
            ? []
            : [
                {
                  label: t('tokens.lastResult'),
                  value: (
                    <Stack gap={2} key="last">
                      <span>{lastResult.text}</span>
                      <Text fz="xs" c="dimmed">
                        <When time={lastResult.at} />
                      </Text>
                    </Stack>
                  ),
                },
              ]),
        ]}
      />
    </Stack>
  );
}

function Told(props: {
  color: 'red' | 'yellow';
  title: string;
  told: { at: string; reason: string };
  children?: string;
}): ReactNode {
  return (
    <Alert color={props.color} variant="light" title={props.title}>
      <Stack gap={4}>
        <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
          {props.told.reason}
        </Text>
        {props.children ? <Text fz="sm">{props.children}</Text> : null}
        <Text fz="xs" c="dimmed">
          <When time={props.told.at} />
        </Text>
      </Stack>
    </Alert>
  );
}

/** One grant now. Where the refresh token may be used up, it is sent once more only after a question. */
function Refresh({ credential }: { credential: CredentialDetails }): ReactNode {
  const { t } = useTranslation('credential');
  const refresh = useRefreshCredential(credential);
  const [asking, setAsking] = useState(false);
  const { tokens } = credential;
  const isStuck = Boolean(tokens?.ambiguous ?? tokens?.invalid);
  return (
    <Stack gap="sm" aria-live="polite">
      <Group gap="sm">
        <Button
          variant={isStuck ? 'default' : 'filled'}
          leftSection={<Icon name="refresh" size={16} />}
          loading={refresh.isPending && !asking}
          onClick={() => refresh.mutate(false)}
        >
          {t('refresh.now')}
        </Button>
        {isStuck ? (
          <Button variant="light" color="red" onClick={() => setAsking(true)}>
            {t('refresh.onceMore')}
          </Button>
        ) : null}
      </Group>
      {tokens?.isRefreshing ? <Working text={t('refresh.underWay')} /> : null}
      {refresh.data && !isStuck ? <RefreshResult report={refresh.data} /> : null}
      {refresh.error && !asking ? <ErrorState error={refresh.error} /> : null}
      <ConfirmDialog
        opened={asking}
        title={t('refresh.onceMoreTitle')}
        text={t(tokens?.invalid ? 'refresh.onceMoreInvalid' : 'refresh.onceMoreText')}
        confirmLabel={t('refresh.onceMore')}
        pending={refresh.isPending}
        error={refresh.error}
        onConfirm={() => refresh.mutate(true, { onSettled: () => setAsking(false) })}
        onClose={() => setAsking(false)}
      />
    </Stack>
  );
}

/** Other tokens by signing in again; settings and history stay. */
function SignInAnew({ credential }: { credential: CredentialDetails }): ReactNode {
  const { t } = useTranslation('credential');
  const upstreams = useQuery(upstreamsQuery);
  const [done, setDone] = useState(false);
  return (
    <Part title={t('signIn.anewTitle')}>
      {credential.owner === null ? (
        <QueryView query={upstreams} skeleton={[44]}>
          {(known) => {
            const upstream = known.find(({ name }) => name === credential.upstream);
            if (!upstream) return null;
            if (!upstream.oauth?.authorizeUrl) return <NoClient upstream={upstream} />;
            return (
              <>
                <Text fz="sm" c="dimmed">
                  {credential.email ? t('signIn.anewAs', { email: credential.email }) : t('signIn.anewHint')}
                </Text>
                {done ? (
                  <Alert color="green" variant="light">
                    {t('signIn.anewDone')}
                  </Alert>
                ) : null}
                <SignInFlow
                  key={String(done)}
                  upstream={upstream}
                  input={{ upstream: credential.upstream, credentialId: credential.id }}
                  onBegun={(begun) => {
                    if (begun) setDone(false);
                  }}
                  onDone={() => setDone(true)}
                />
              </>
            );
          }}
        </QueryView>
      ) : (
        <Text fz="sm" c="dimmed">
          {t('signIn.ownersOnly')}
        </Text>
      )}
    </Part>
  );
}

function NoClient({ upstream }: { upstream: Parameters<typeof OAuthClientForm>[0]['upstream'] }): ReactNode {
  const { t } = useTranslation('credential');
  const [wanted, setWanted] = useState(false);
  if (wanted) return <OAuthClientForm upstream={upstream} toSignIn />;
  return (
    <Stack gap="sm" align="flex-start">
      <Text fz="sm" c="dimmed">
        {t('signIn.noClient', { upstream: upstream.name })}
      </Text>
      <Button variant="default" size="xs" onClick={() => setWanted(true)}>
        {t('signIn.setUp')}
      </Button>
    </Stack>
  );
}
