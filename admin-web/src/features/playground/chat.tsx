import { Anchor, Button, Card, Grid, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode, RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../components/error-state.tsx';
import { Composer, EMPTY_DRAFT, type Draft } from './composer.tsx';
import { MannerCard, useModelKind, type Choices } from './manner-card.tsx';
import { TurnView } from './turn-view.tsx';
import type { Turn } from './turns.ts';
import { useConversation, type ChatState } from './use-conversation.ts';

interface ChatProps {
  apiKey: string;
  names: readonly string[];
  model: string;
  onModel: (model: string) => void;
  /** Instructions to begin with. */
  system: string;
  /** What was said before. */
  turns: readonly Turn[];
}

/** The conversation, and beside it how it is led. */
export function Chat({ apiKey, names, model, onModel, system, turns }: ChatProps): ReactNode {
  const [choices, setChoices] = useState<Choices>({ system, offersTool: false, parameters: {} });
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  const chat = useConversation(turns);
  const manner = { apiKey, model, ...choices };
  const end = useFollowing(chat.turns);
  const edit = (place: number): void => {
    const question = chat.takeBack(place);
    if (question) setDraft(question);
  };
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 4 }} order={{ base: 1, md: 2 }}>
        <MannerCard names={names} model={model} onModel={onModel} choices={choices} onChoices={setChoices} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 8 }} order={{ base: 2, md: 1 }}>
        <Stack gap="md">
          <Turns chat={chat} onEdit={edit} onRetry={() => void chat.retry(manner)} />
          {chat.turns.length === 0 ? (
            <Suggestions model={model} onChoose={(text) => setDraft({ ...draft, text })} />
          ) : null}
          {chat.error ? <Failure chat={chat} onRetry={() => void chat.retry(manner)} /> : null}
          <Composer
            draft={draft}
            onDraft={setDraft}
            isAnswering={chat.isAnswering}
            onSend={(question) => void chat.ask(question, manner)}
            onStop={chat.stop}
          />
          <Foot chat={chat} />
          <div ref={end} />
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function Turns(props: { chat: ChatState; onEdit: (place: number) => void; onRetry: () => void }): ReactNode {
  const { t } = useTranslation('playground');
  const { turns, isAnswering } = props.chat;
  const last = turns.length - 1;
  return (
    <Stack gap="md" role="log" aria-live="polite" aria-label={t('conversation')}>
      {turns.map((turn, place) => (
        <TurnView
          key={place}
          turn={turn}
          isGrowing={isAnswering && place === last}
          onEdit={isAnswering ? undefined : () => props.onEdit(place)}
          onRetry={isAnswering || place !== last ? undefined : props.onRetry}
        />
      ))}
    </Stack>
  );
}

function Failure({ chat, onRetry }: { chat: ChatState; onRetry: () => void }): ReactNode {
  const { t } = useTranslation('playground');
  const { error, failedRequestId } = chat;
  return (
    <Stack gap="xs">
      <ErrorState error={error} onRetry={onRetry} />
      {failedRequestId === null ? null : (
        <Anchor fz="sm" renderRoot={(root) => <Link to="/usage" search={{ request: failedRequestId }} {...root} />}>
          {t('inLog')}
        </Anchor>
      )}
    </Stack>
  );
}

const SUGGESTIONS = ['first', 'second', 'third'] as const;

/** Something to begin with, of the kind that the model makes. */
function Suggestions({ model, onChoose }: { model: string; onChoose: (text: string) => void }): ReactNode {
  const { t } = useTranslation('playground');
  const kind = useModelKind()(model);
  return (
    <Card withBorder padding="lg">
      <Stack gap="sm">
        <Text fw={600}>{t(`suggest.${kind}.title`)}</Text>
        <Group gap="xs">
          {SUGGESTIONS.map((name) => (
            <Button
              key={name}
              variant="default"
              size="sm"
              h="auto"
              py={8}
              styles={{ label: { whiteSpace: 'normal', textAlign: 'start' } }}
              onClick={() => onChoose(t(`suggest.${kind}.${name}`))}
            >
              {t(`suggest.${kind}.${name}`)}
            </Button>
          ))}
        </Group>
      </Stack>
    </Card>
  );
}

function Foot({ chat }: { chat: ChatState }): ReactNode {
  const { t } = useTranslation('playground');
  if (chat.turns.length === 0) return null;
  return (
    <Group justify="space-between">
      <Text fz="xs" c="dimmed">
        {t('kept')}
      </Text>
      <Button variant="subtle" size="xs" onClick={chat.clear}>
        {t('clear')}
      </Button>
    </Group>
  );
}

const NEAR_PX = 160;

/** Keeps the end in view while it grows, unless somebody has gone up to read. */
function useFollowing(turns: readonly Turn[]): RefObject<HTMLDivElement | null> {
  const end = useRef<HTMLDivElement>(null);
  const count = useRef(turns.length);
  useEffect(() => {
    const { scrollHeight } = document.documentElement;
    const isNear = window.innerHeight + window.scrollY > scrollHeight - NEAR_PX;
    const isNew = turns.length > count.current;
    count.current = turns.length;
    if (isNear || isNew) end.current?.scrollIntoView({ block: 'end' });
  }, [turns]);
  return end;
}
