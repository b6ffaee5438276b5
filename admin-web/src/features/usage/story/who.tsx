import { Anchor, Button, Group, Text } from '@mantine/core';
import type { UsageStory } from '@sluice/contract/usage-story';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Facts } from '../../../components/facts.tsx';
import { isOperator, useSession } from '../../../lib/api/session.ts';
import { useFormat } from '../../../lib/use-format.ts';
import type { UsageSearch } from '../usage-search.ts';
import { Copyable } from './copyable.tsx';
import { Part } from '../../../components/part.tsx';

interface WhoProps {
  story: UsageStory;
  onFilter: (filter: Partial<UsageSearch>) => void;
}

/** Whose request it was, by which key and program, and what served it, with the ways there. */
export function Who({ story, onFilter }: WhoProps): ReactNode {
  const { t } = useTranslation('usage');
  const format = useFormat();
  const { data: session } = useSession();
  const isOfOperator = isOperator(session);
  const { row, user, key } = story;
  return (
    <Part title={t('story.who')}>
      <Facts
        rows={[
          ...(isOfOperator
            ? [
                {
                  label: t('filters.user'),
                  value: <ToUser id={user.id} name={user.name} />,
                },
              ]
            : []),
          { label: t('key'), value: <ToKey id={key.id} name={key.name} isOfOperator={isOfOperator} /> },
          { label: t('model'), value: <ToModel name={story.model} isOfOperator={isOfOperator} /> },
          ...(row?.upstream
            ? [{ label: t('servedOver'), value: <ToCredential upstream={row.upstream} name={row.credential} /> }]
            : []),
          ...(row?.served_model ? [{ label: t('servedModel'), value: row.served_model }] : []),
          { label: t('clientApp'), value: story.client_app ?? t('notSaid') },
          { label: t('endpoint'), value: row?.endpoint ?? story.format },
          ...(story.client_request_id
            ? [
                {
                  label: t('clientRequestId'),
                  value: <Copyable value={story.client_request_id} name={t('clientRequestId')} />,
                },
              ]
            : []),
          { label: t('story.started'), value: format.dateTime(story.started_at) },
          ...(story.closed_at ? [{ label: t('story.closed'), value: format.dateTime(story.closed_at) }] : []),
        ]}
      />
      <Group gap="xs">
        <More text={t('story.moreOf', { name: key.name ?? t('key') })} onClick={() => onFilter({ key: key.id })} />
        <More text={t('story.moreOf', { name: story.model })} onClick={() => onFilter({ model: story.model })} />
        {isOfOperator ? (
          <More text={t('story.moreOf', { name: user.name ?? user.id })} onClick={() => onFilter({ user: user.id })} />
        ) : null}
      </Group>
    </Part>
  );
}

function More({ text, onClick }: { text: string; onClick: () => void }): ReactNode {
  return (
    <Button size="xs" variant="default" maw="100%" onClick={onClick}>
      {text}
    </Button>
  );
}

function ToUser({ id, name }: { id: string; name: string | null }): ReactNode {
  const { t } = useTranslation('usage');
  return (
    <Copyable value={id} name={t('story.userId')}>
      {name === null ? (
        <Text component="span" fz="sm">
          {t('story.userGone')}
        </Text>
      ) : (
        <Anchor fz="sm" renderRoot={(props) => <Link to="/users" search={{ user: id }} {...props} />}>
          {name}
        </Anchor>
      )}
    </Copyable>
  );
}

function ToKey({ id, name, isOfOperator }: { id: string; name: string | null; isOfOperator: boolean }): ReactNode {
  const { t } = useTranslation('usage');
  const search = { key: id, ...(isOfOperator ? { scope: 'all' as const } : {}) };
  return (
    <Copyable value={id} name={t('story.keyId')}>
      {name === null ? (
        <Text component="span" fz="sm">
          {t('keyGone')}
        </Text>
      ) : (
        <Anchor fz="sm" renderRoot={(props) => <Link to="/keys" search={search} {...props} />}>
          {name}
        </Anchor>
      )}
    </Copyable>
  );
}

function ToModel({ name, isOfOperator }: { name: string; isOfOperator: boolean }): ReactNode {
  if (!isOfOperator) return name;
  return (
    <Anchor fz="sm" renderRoot={(props) => <Link to="/models" search={{ model: name }} {...props} />}>
      {name}
    </Anchor>
  );
}

function ToCredential({ upstream, name }: { upstream: string; name: string | null }): ReactNode {
  if (name === null) return upstream;
  return (
    <Anchor fz="sm" renderRoot={(props) => <Link to="/credentials" search={{ upstream, search: name }} {...props} />}>
      {`${upstream} / ${name}`}
    </Anchor>
  );
}
