import { Alert, Anchor, Badge, Button, Card, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Facts } from '../../../components/facts.tsx';
import { Identifier } from '../../../components/identifier.tsx';
import { Part } from '../../../components/part.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import { useFormat } from '../../../lib/use-format.ts';
import type { CredentialPart } from '../credentials-search.ts';
import { REASONS } from '../list/reasons.ts';
import type { CredentialDetails } from './api/credential.ts';
import { spentQuery, SPENT_DAYS } from './api/spent.ts';
import { TestCard } from './test-card.tsx';
import { When } from './when.tsx';

interface TabProps {
  credential: CredentialDetails;
  onPart: (part: CredentialPart) => void;
}

/** How it stands, what to do, whether it works, what it served. */
export function OverviewTab({ credential, onPart }: TabProps): ReactNode {
  const { t } = useTranslation('credential');
  return (
    <Stack gap="xl">
      <Standing credential={credential} onPart={onPart} />
      <TestCard credential={credential} />
      <Served credential={credential} />
      {credential.owner ? <Owner owner={credential.owner} /> : null}
      <Part title={t('facts.title')}>
        <CredentialFacts credential={credential} />
      </Part>
    </Stack>
  );
}

const COLORS = {
  invalid: 'red',
  disabled: 'gray',
  cooling: 'orange',
  unknown: 'yellow',
  exhausted: 'orange',
  active: 'green',
} as const satisfies Record<CredentialDetails['state'], string>;

/** The state in a sentence, and what to do about it. */
function Standing({ credential, onPart }: TabProps): ReactNode {
  const { t } = useTranslation(['credential', 'credentials']);
  const { state, stateReason, stateUntil, stateModel, tokens, kind } = credential;
  const reason = REASONS.find((known) => known === stateReason);
  const isOver = stateUntil !== null && Date.parse(stateUntil) <= Date.now();
  const isOAuth = kind === 'oauth';
  const known = reason && state !== 'unknown' ? t(`advice.${reason}`) : t(`standing.${state}.text`);
  const advice = tokens?.invalid ? t('advice.token_refused') : known;
  return (
    <Stack gap="sm">
      <Alert
        color={COLORS[state]}
        variant="light"
        title={reason ? t(`credentials:reasons.${reason}`) : (stateReason ?? t(`standing.${state}.title`))}
      >
        <Stack gap="xs" align="flex-start">
          <Text fz="sm">{advice}</Text>
          {stateModel === null ? null : <Text fz="sm">{t('standing.onlyModel', { model: stateModel })}</Text>}
          {tokens?.invalid ? (
            <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
              {tokens.invalid.reason}
            </Text>
          ) : null}
          {stateUntil === null || isOver ? null : (
            <Text fz="sm">
              {t('standing.until')} <When time={stateUntil} />
            </Text>
          )}
          {state === 'invalid' ? (
            <Button size="xs" variant="default" onClick={() => onPart(isOAuth ? 'tokens' : 'settings')}>
              {t(isOAuth ? 'standing.signInAnew' : 'standing.replace')}
            </Button>
          ) : null}
        </Stack>
      </Alert>
      {tokens?.ambiguous ? (
        <Alert color="yellow" variant="light" title={t('tokens.ambiguous.title')}>
          <Stack gap="xs" align="flex-start">
            <Text fz="sm">{tokens.ambiguous.reason}</Text>
            <Button size="xs" variant="default" onClick={() => onPart('tokens')}>
              {t('standing.toTokens')}
            </Button>
          </Stack>
        </Alert>
      ) : null}
    </Stack>
  );
}

/** What went through it in the last days. */
function Served({ credential }: { credential: CredentialDetails }): ReactNode {
  const { t } = useTranslation('credential');
  const format = useFormat();
  const spent = useQuery(spentQuery(credential));
  return (
    <Part title={t('served.title', { days: SPENT_DAYS })}>
      <QueryView query={spent} skeleton={[70]}>
        {(sums) => (
          <SimpleGrid cols={{ base: 2, xs: 4 }} spacing="xs">
            <Figure label={t('served.requests')} value={format.compact(sums.total_requests)} />
            <Figure label={t('served.failed')} value={format.share(sums.failed_requests, sums.total_requests) ?? '–'} />
            <Figure label={t('served.tokens')} value={format.compact(sums.total_tokens)} />
            <Figure label={t('served.cost')} value={format.money(sums.cost_micros)} />
          </SimpleGrid>
        )}
      </QueryView>
    </Part>
  );
}

function Figure({ label, value }: { label: string; value: string }): ReactNode {
  return (
    <Card withBorder padding="sm">
      <Text fz="xs" c="dimmed">
        {label}
      </Text>
      <Text fw={600} style={{ fontVariantNumeric: 'tabular-nums' }}>
        {value}
      </Text>
    </Card>
  );
}

/** Whose it is. What it may be shared for is the owner's to say. */
function Owner({ owner }: { owner: NonNullable<CredentialDetails['owner']> }): ReactNode {
  const { t } = useTranslation('credential');
  return (
    <Part title={t('owner.title')}>
      <Text fz="sm" c="dimmed">
        {t(owner.sharing === 'shared' ? 'owner.sharedHint' : 'owner.exclusiveHint')}
      </Text>
      <Facts
        rows={[
          {
            label: t('owner.user'),
            value: (
              <Anchor renderRoot={(props) => <Link to="/users" search={{ user: owner.userId }} {...props} />} fz="sm">
                {owner.username ?? owner.userId}
              </Anchor>
            ),
          },
          { label: t('owner.name'), value: owner.name },
          {
            label: t('owner.sharing'),
            value: <Badge variant="light">{t(`owner.kinds.${owner.sharing}`)}</Badge>,
          },
          { label: t('owner.switch'), value: t(owner.enabled ? 'owner.on' : 'owner.off') },
          {
            label: t('owner.modelsOff'),
            value: owner.modelsOff.length === 0 ? t('owner.noModelsOff') : owner.modelsOff.join(', '),
          },
        ]}
      />
    </Part>
  );
}

function CredentialFacts({ credential }: { credential: CredentialDetails }): ReactNode {
  const { t } = useTranslation(['credential', 'credentials']);
  const format = useFormat();
  const { tier, priority, weight, tag, email, bizId, clientId, proxyUrl, hasProxyPassword, memo } = credential;
  const given = [
    { label: t('fields.tag'), value: tag },
    { label: t('fields.email'), value: email },
    { label: t('fields.bizId'), value: bizId },
    { label: t('fields.clientId'), value: clientId },
    {
      label: t('fields.proxyUrl'),
      value: proxyUrl && (hasProxyPassword ? t('facts.proxyWithPassword', { url: proxyUrl }) : proxyUrl),
    },
    { label: t('fields.memo'), value: memo },
  ];
  return (
    <Facts
      rows={[
        { label: t('credentials:tier'), value: t(`credentials:tiers.${tier}`) },
        { label: t('fields.priority'), value: format.count(priority) },
        { label: t('fields.weight'), value: format.count(weight) },
        ...given.filter(({ value }) => value !== null),
        { label: t('facts.limits'), value: <Limits credential={credential} /> },
        { label: t('facts.created'), value: <When time={credential.createdAt} /> },
        { label: t('facts.changed'), value: <When time={credential.updatedAt} /> },
        {
          label: t('facts.id'),
          value: <Identifier id={credential.id} />,
        },
      ]}
    />
  );
}

function Limits({ credential }: { credential: CredentialDetails }): ReactNode {
  const { t } = useTranslation('credential');
  const format = useFormat();
  const { limits } = credential;
  const lines = [
    ...(['requestsPerMinute', 'maxConcurrent', 'tokensPerDay'] as const).map((name) => ({ name, value: limits[name] })),
    ...(['chat', 'heavy', 'image', 'video'] as const).map((name) => ({ name, value: limits.perDay?.[name] })),
  ].flatMap(({ name, value }) =>
    value === undefined || value < 0 ? [] : [`${t(`limits.${name}`)}: ${format.count(value)}`],
  );
  const budget = limits.budgetMicrosPerMonth;
  if (budget != null) lines.push(`${t('limits.budget')}: ${format.money(budget)}`);
  if (lines.length === 0) return t('limits.none');
  return (
    <Stack gap={2}>
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </Stack>
  );
}
