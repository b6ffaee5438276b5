import { Badge, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../lib/use-format.ts';
import type { Credential } from '../api/list-credentials.ts';
import { REASONS } from './reasons.ts';

const STATE_COLORS = {
  invalid: 'red',
  disabled: 'gray',
  cooling: 'orange',
  unknown: 'yellow',
  exhausted: 'orange',
  active: 'green',
} as const satisfies Record<Credential['state'], string>;

export function StateBadge({ state }: { state: Credential['state'] }): ReactNode {
  const { t } = useTranslation('credentials');
  return (
    <Badge variant="light" color={STATE_COLORS[state]}>
      {t(`states.${state}`)}
    </Badge>
  );
}

/** The state, and below it why, until when, and which model alone is concerned. */
export function CredentialState({ credential }: { credential: Credential }): ReactNode {
  const { t } = useTranslation('credentials');
  const { state, stateReason, stateUntil, stateModel, tokens } = credential;
  const reason = REASONS.find((known) => known === stateReason);
  const why = tokens?.invalid ? t('reasons.refresh_refused') : reason ? t(`reasons.${reason}`) : stateReason;
  return (
    <Stack gap={4} align="flex-start">
      <Group gap={6} justify="flex-start">
        <StateBadge state={state} />
        {tokens?.isRefreshing ? (
          <Badge variant="light" color="water">
            {t('refreshing')}
          </Badge>
        ) : null}
        {tokens?.ambiguous ? (
          <Badge variant="light" color="yellow" title={tokens.ambiguous.reason}>
            {t('ambiguous')}
          </Badge>
        ) : null}
      </Group>
      {why === null ? null : <Line text={stateModel === null ? why : `${why} · ${stateModel}`} />}
      {tokens?.invalid ? <Line text={tokens.invalid.reason} /> : null}
      {stateUntil === null ? null : <Until time={stateUntil} />}
    </Stack>
  );
}

function Line({ text }: { text: string }): ReactNode {
  return (
    <Text fz="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }} lineClamp={3} title={text} ta="start">
      {text}
    </Text>
  );
}

/** When the rest is over, by now and by the clock. A rest that is over already says nothing. */
function Until({ time }: { time: string }): ReactNode {
  const { t } = useTranslation('credentials');
  const format = useFormat();
  if (Date.parse(time) <= Date.now()) return null;
  return <Line text={t('untilAge', { age: format.age(time), time: format.shortDateTime(time) })} />;
}
