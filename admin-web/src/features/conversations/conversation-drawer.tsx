import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DetailsDrawer } from '../../components/details-drawer.tsx';
import { DeleteDialog } from '../../components/delete-dialog.tsx';
import { Facts } from '../../components/facts.tsx';
import { Icon } from '../../components/icon.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { TurnCard } from '../../components/turn-card.tsx';
import { conversationQuery, type Conversation } from '../../lib/api/conversation.ts';
import { may, useSession } from '../../lib/api/session.ts';
import { useFormat } from '../../lib/use-format.ts';
import { useDeleteConversation } from './api/delete-conversations.ts';

interface DrawerProps {
  /** `<kind>/<id>`; null: nothing is open. */
  name: string | null;
  /** Undefined: one's own. */
  owner: string | undefined;
  onClose: () => void;
}

/** One conversation. What others said is shown to those who may, after they have asked for it. */
export function ConversationDrawer({ name, owner, onClose }: DrawerProps): ReactNode {
  const { t } = useTranslation('conversations');
  return (
    <DetailsDrawer open={name} onClose={onClose} size="xl" title={t('details')} closeLabel={t('closeDetails')}>
      {(shown) => <Details key={`${owner ?? ''}/${shown}`} name={shown} owner={owner} onDeleted={onClose} />}
    </DetailsDrawer>
  );
}

function Details(props: { name: string; owner: string | undefined; onDeleted: () => void }): ReactNode {
  const { t } = useTranslation('conversations');
  const { name, owner } = props;
  const [deleting, setDeleting] = useState<string | null>(null);
  const [asked, setAsked] = useState(owner === undefined);
  const deletion = useDeleteConversation(owner);
  return (
    <Stack gap="lg" pb="xl">
      <Group justify="space-between" gap="sm">
        <Text ff="monospace" fz="sm" style={{ overflowWrap: 'anywhere' }}>
          {name.slice(name.indexOf('/') + 1)}
        </Text>
        <Button
          size="xs"
          variant="light"
          color="red"
          leftSection={<Icon name="trash" size={15} />}
          onClick={() => setDeleting(name)}
        >
          {t('delete.button')}
        </Button>
      </Group>
      {asked ? <Said name={name} owner={owner} /> : <AskFirst onAsk={() => setAsked(true)} />}
      <DeleteDialog
        target={deleting}
        title={t('delete.title')}
        text={() => t('delete.text')}
        confirmLabel={t('delete.button')}
        deletion={deletion}
        idOf={(target) => target}
        onDeleted={props.onDeleted}
        onClose={() => setDeleting(null)}
      />
    </Stack>
  );
}

/** Reading what is somebody else's is a step of its own. */
function AskFirst({ onAsk }: { onAsk: () => void }): ReactNode {
  const { t } = useTranslation('conversations');
  const { data: session } = useSession();
  const isAllowed = may(session, 'conversations:reveal');
  return (
    <Alert
      variant="light"
      color="yellow"
      icon={<Icon name="audit" />}
      {...(isAllowed ? { title: t('revealTitle') } : {})}
    >
      <Stack gap="sm" align="flex-start">
        <Text fz="sm">{t(isAllowed ? 'revealText' : 'hidden')}</Text>
        {isAllowed ? (
          <Button size="xs" variant="default" onClick={onAsk}>
            {t('reveal')}
          </Button>
        ) : null}
      </Stack>
    </Alert>
  );
}

function Said({ name, owner }: { name: string; owner: string | undefined }): ReactNode {
  const { t } = useTranslation('conversations');
  const conversation = useQuery(conversationQuery({ name, owner }));
  return (
    <QueryView query={conversation} skeleton={[80, 60, 160]}>
      {(data) => (
        <Stack gap="lg">
          {owner === undefined ? null : (
            <Alert variant="light" color="yellow" icon={<Icon name="audit" />}>
              {t('revealHint')}
            </Alert>
          )}
          <About conversation={data} />
          {owner === undefined ? (
            <Button
              leftSection={<Icon name="chat" size={16} />}
              renderRoot={(root) => (
                <Link
                  to="/playground"
                  search={{ from: name, ...(data.model === null ? {} : { model: data.model }) }}
                  {...root}
                />
              )}
            >
              {t('goOn')}
            </Button>
          ) : null}
          <Stack gap="md" role="log" aria-label={t('said')}>
            {data.turns.map((turn, index) => (
              <TurnCard key={index} turn={turn} />
            ))}
          </Stack>
        </Stack>
      )}
    </QueryView>
  );
}

function About({ conversation }: { conversation: Conversation }): ReactNode {
  const { t } = useTranslation('conversations');
  const format = useFormat();
  return (
    <Facts
      rows={[
        { label: t('kind'), value: t(`one.${conversation.kind}`) },
        { label: t('model'), value: conversation.model ?? t('unknownModel') },
        { label: t('begun'), value: format.dateTime(conversation.created_at) },
        {
          label: t('expires'),
          value: `${format.dateTime(conversation.expires_at)} (${format.age(conversation.expires_at)})`,
        },
      ]}
    />
  );
}
