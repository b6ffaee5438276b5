import { Alert, Button, Group, Progress, Stack, Text, Textarea } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeBlock } from '../../../components/code-block.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { ApiError } from '../../../lib/api-client.ts';
import type { Upstream } from '../../../lib/api/upstreams.ts';
import { useBeginSignIn, useFinishSignIn, type SignInInput } from './api/sign-in.ts';

type Begun = NonNullable<ReturnType<typeof useBeginSignIn>['data']>;
type SignedIn = NonNullable<ReturnType<typeof useFinishSignIn>['data']>;

interface FlowProps {
  upstream: Pick<Upstream, 'name'>;
  input: SignInInput;
  /** Asked before it begins. */
  ready?: () => boolean;
  /** Whether somebody is signing in at this moment. */
  onBegun?: (begun: boolean) => void;
  onDone: (credential: SignedIn) => void;
}

/** Signing in at an authorization server in another tab, and pasting what the browser is sent back with. */
export function SignInFlow({ upstream, input, ready, onBegun, onDone }: FlowProps): ReactNode {
  const { t } = useTranslation('credential');
  const begin = useBeginSignIn();
  const start = (): void => {
    if (ready && !ready()) return;
    begin.mutate(input, { onSuccess: () => onBegun?.(true) });
  };
  const leave = (): void => {
    begin.reset();
    onBegun?.(false);
  };
  if (begin.data)
    return <Paste key={begin.data.state} begun={begin.data} onAgain={start} onLeave={leave} onDone={onDone} />;
  return (
    <Stack gap="md">
      {begin.error ? <ErrorState error={begin.error} /> : null}
      <Text fz="sm" c="dimmed">
        {t('signIn.intro', { upstream: upstream.name })}
      </Text>
      <Group justify="flex-end">
        <Button onClick={start} loading={begin.isPending}>
          {t('signIn.begin')}
        </Button>
      </Group>
    </Stack>
  );
}

function Paste(props: {
  begun: Begun;
  onAgain: () => void;
  onLeave: () => void;
  onDone: (credential: SignedIn) => void;
}): ReactNode {
  const { t } = useTranslation('credential');
  const { begun, onAgain, onLeave, onDone } = props;
  const [pasted, setPasted] = useState('');
  const finish = useFinishSignIn();
  const leftMs = useTimeLeft(begun.expiresAt);
  const isOver = leftMs <= 0;
  // What was pasted was taken, so the state is used up; only what could not be read may be mended.
  const isSpent = finish.error !== null && !(finish.error instanceof ApiError && finish.error.code === 'INVALID_FIELD');
  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <Text fw={600} fz="sm">
          {t('signIn.step1')}
        </Text>
        <CodeBlock text={begun.authUrl} label={t('signIn.address')} wrap />
        <Group>
          <Button component="a" href={begun.authUrl} target="_blank" rel="noreferrer">
            {t('signIn.open')}
          </Button>
        </Group>
      </Stack>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          finish.mutate({ callback_url: pasted.trim(), state: begun.state }, { onSuccess: onDone });
        }}
      >
        <Stack gap="sm">
          <Textarea
            label={t('signIn.step2')}
            description={t('signIn.pasteHint', { redirect: redirectOf(begun.authUrl) })}
            placeholder={`${redirectOf(begun.authUrl)}?code=…&state=…`}
            autosize
            minRows={2}
            maxRows={5}
            value={pasted}
            onChange={(event) => setPasted(event.currentTarget.value)}
            disabled={isOver || isSpent}
          />
          {finish.error ? <SignInError error={finish.error} /> : null}
          {isOver && !finish.error ? (
            <Alert color="yellow" variant="light">
              {t('signIn.over')}
            </Alert>
          ) : null}
          {isSpent ? null : <TimeLeft leftMs={leftMs} lifeMs={begun.expiresIn * 1000} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onLeave}>
              {t('signIn.back')}
            </Button>
            {isOver || isSpent ? (
              <Button onClick={onAgain}>{t('signIn.again')}</Button>
            ) : (
              <Button type="submit" loading={finish.isPending} disabled={pasted.trim() === ''}>
                {t('signIn.finish')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Stack>
  );
}

/** What the server says, and what may be done about it. */
function SignInError({ error }: { error: unknown }): ReactNode {
  const { t } = useTranslation('credential');
  const code = error instanceof ApiError ? error.code : '';
  const hint =
    code === 'STATE_INVALID'
      ? t('signIn.stateHint')
      : code === 'SIGN_IN_REFUSED'
        ? t('signIn.refusedHint')
        : code === 'CONFLICT'
          ? t('signIn.conflictHint')
          : null;
  return (
    <Stack gap={6}>
      <ErrorState error={error} />
      {hint === null ? null : (
        <Text fz="sm" c="dimmed">
          {hint}
        </Text>
      )}
    </Stack>
  );
}

function TimeLeft({ leftMs, lifeMs }: { leftMs: number; lifeMs: number }): ReactNode {
  const { t } = useTranslation('credential');
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  return (
    <Stack gap={4}>
      <Progress
        value={Math.max(0, Math.min(100, (leftMs / lifeMs) * 100))}
        size="xs"
        color={seconds < 60 ? 'orange' : 'blue'}
        aria-label={t('signIn.timeLeft')}
      />
      <Text fz="xs" c="dimmed" role="timer">
        {t('signIn.expires', { time: clock })}
      </Text>
    </Stack>
  );
}

/** Milliseconds until then, by the second. */
function useTimeLeft(until: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return until - now;
}

function redirectOf(authUrl: string): string {
  return new URL(authUrl).searchParams.get('redirect_uri') ?? 'http://localhost/oauth/callback';
}
