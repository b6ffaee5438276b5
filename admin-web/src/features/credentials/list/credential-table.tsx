import { Badge, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ResourceTable } from '../../../components/resource-table.tsx';
import { useFormat } from '../../../lib/use-format.ts';
import { credentialUsageQuery } from '../api/credential-usage.ts';
import type { Credential } from '../api/list-credentials.ts';
import { CredentialState } from './credential-state.tsx';

export const keyOf = ({ upstream, id }: Pick<Credential, 'upstream' | 'id'>): string => `${upstream}/${id}`;

interface TableProps {
  credentials: readonly Credential[];
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  onOpen: (credential: Credential) => void;
}

export function CredentialTable({ credentials, selected, onSelect, onOpen }: TableProps): ReactNode {
  const { t } = useTranslation('credentials');
  return (
    <ResourceTable
      caption={t('title')}
      rows={credentials}
      rowKey={keyOf}
      onOpen={onOpen}
      selection={{
        selected,
        onChange: onSelect,
        label: (credential) => t('choose', { name: `${credential.upstream} ${credential.name}` }),
        allLabel: t('chooseAll'),
      }}
      columns={[
        { key: 'name', header: t('name'), render: (credential) => <CredentialName credential={credential} /> },
        { key: 'kind', header: t('kind'), nowrap: true, render: (credential) => <Kind credential={credential} /> },
        { key: 'state', header: t('state'), render: (credential) => <CredentialState credential={credential} /> },
        { key: 'tokens', header: t('tokens.title'), render: (credential) => <Tokens credential={credential} /> },
        {
          key: 'usage',
          header: t('usage.title'),
          align: 'end',
          nowrap: true,
          render: (credential) => <Usage credential={credential} />,
        },
        {
          key: 'order',
          header: t('order'),
          align: 'end',
          nowrap: true,
          render: ({ priority, weight }) => `${priority} · ${weight}`,
        },
      ]}
    />
  );
}

/** What it is called, whose it is by its mail address, where it belongs, and its tag. */
function CredentialName({ credential }: { credential: Credential }): ReactNode {
  const { name, upstream, email, tag } = credential;
  return (
    <Stack gap={2} align="flex-start">
      <Text component="span" fz="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
        {name}
      </Text>
      <Group gap={6} component="span" justify="flex-start">
        <Text component="span" fz="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {email === null ? upstream : `${upstream} · ${email}`}
        </Text>
        {tag === null ? null : (
          <Badge component="span" size="sm" variant="light" color="gray">
            {tag}
          </Badge>
        )}
      </Group>
    </Stack>
  );
}

function Kind({ credential }: { credential: Credential }): ReactNode {
  const { t } = useTranslation('credentials');
  return (
    <Stack gap={2} align="flex-start">
      <Text fz="sm">{t(`kinds.${credential.kind}`)}</Text>
      {credential.tier === 'super' ? (
        <Badge size="sm" variant="light">
          {t('tiers.super')}
        </Badge>
      ) : null}
    </Stack>
  );
}

/** How the tokens of an OAuth credential stand: how long the access token lasts, when it was got, what went wrong. */
function Tokens({ credential: { tokens } }: { credential: Credential }): ReactNode {
  const { t } = useTranslation('credentials');
  const format = useFormat();
  if (tokens === null) return <Text c="dimmed">–</Text>;
  const { accessExpiresAt, refreshedAt, hasAccessToken, hasRefreshToken, backsOffUntil } = tokens;
  const isOver = accessExpiresAt !== null && Date.parse(accessExpiresAt) <= Date.now();
  const age = accessExpiresAt === null ? '' : format.age(accessExpiresAt);
  const access = !hasAccessToken
    ? t('tokens.none')
    : accessExpiresAt === null
      ? t('tokens.lasting')
      : t(isOver ? 'tokens.expired' : 'tokens.expires', { age });
  return (
    <Stack gap={2} align="flex-start">
      <Text fz="sm" title={accessExpiresAt === null ? undefined : format.dateTime(accessExpiresAt)}>
        {access}
      </Text>
      {refreshedAt === null ? null : (
        <Text fz="xs" c="dimmed" title={format.dateTime(refreshedAt)}>
          {t('tokens.refreshed', { age: format.age(refreshedAt) })}
        </Text>
      )}
      {hasRefreshToken ? null : (
        <Text fz="xs" c="dimmed">
          {t('tokens.noRefreshToken')}
        </Text>
      )}
      {backsOffUntil === null ? null : (
        <Text fz="xs" c="dimmed">
          {t('tokens.waits', { age: format.age(backsOffUntil) })}
        </Text>
      )}
    </Stack>
  );
}

/** What it cost and answered in the last days. */
function Usage({ credential }: { credential: Credential }): ReactNode {
  const { t } = useTranslation('credentials');
  const format = useFormat();
  const { data } = useQuery(credentialUsageQuery);
  const used = data?.byName.get(`${credential.upstream}/${credential.name}`);
  if (used === undefined) {
    return (
      <Text c="dimmed" fz="sm">
        {data?.isWhole ? t('usage.none') : '–'}
      </Text>
    );
  }
  return (
    <Stack gap={2} align="flex-end">
      <Text fz="sm">{format.money(used.costMicros)}</Text>
      <Text fz="xs" c="dimmed">
        {t('usage.requests', { count: used.requests, shown: format.count(used.requests) })}
        {used.failed > 0 ? ` · ${t('usage.failed', { shown: format.count(used.failed) })}` : ''}
      </Text>
    </Stack>
  );
}
