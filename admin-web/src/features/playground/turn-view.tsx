import { ActionIcon, Anchor, CopyButton, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { TurnCard } from '../../components/turn-card.tsx';
import { formatDuration } from '../../lib/format.ts';
import { useFormat } from '../../lib/use-format.ts';
import { requestCostQuery } from './api/request-cost.ts';
import { isEmpty, shownTurn, type Reply, type Turn } from './turns.ts';

interface TurnViewProps {
  turn: Turn;
  /** The reply is not at its end. */
  isGrowing: boolean;
  /** Where the question may be changed and asked again. */
  onEdit?: (() => void) | undefined;
  /** Where the answer may be asked for again. */
  onRetry?: (() => void) | undefined;
}

/** One turn of the conversation with what can be done with it. */
export function TurnView({ turn, isGrowing, onEdit, onRetry }: TurnViewProps): ReactNode {
  const { t } = useTranslation('playground');
  if (turn.role === 'user') {
    const edit = onEdit ? <TurnAction icon="edit" label={t('edit')} onClick={onEdit} /> : null;
    return (
      <TurnCard
        turn={shownTurn(turn)}
        footer={
          edit ? (
            <Group justify="flex-end" mt={-8} mb={-8}>
              {edit}
            </Group>
          ) : null
        }
      />
    );
  }
  if (turn.role === 'tool') return <TurnCard turn={shownTurn(turn)} />;
  return (
    <TurnCard
      turn={shownTurn(turn)}
      isAwaited={isGrowing && isEmpty(turn)}
      footer={isGrowing ? null : <ReplyFooter reply={turn} onRetry={onRetry} />}
    />
  );
}

function ReplyFooter({ reply, onRetry }: { reply: Reply; onRetry: (() => void) | undefined }): ReactNode {
  const { t } = useTranslation('playground');
  const facts = useReplyFacts(reply);
  return (
    <Group gap="xs" justify="space-between">
      <Text fz="xs" c="dimmed">
        {facts.join(' · ')}
      </Text>
      <Group gap="xs">
        {reply.requestId === null ? null : (
          <Anchor
            fz="xs"
            renderRoot={(root) => <Link to="/usage" search={{ request: reply.requestId ?? '' }} {...root} />}
          >
            {t('inLog')}
          </Anchor>
        )}
        {reply.text === '' ? null : (
          <CopyButton value={reply.text} timeout={2000}>
            {({ copied, copy }) => (
              <TurnAction icon={copied ? 'check' : 'copy'} label={t(copied ? 'copied' : 'copyAnswer')} onClick={copy} />
            )}
          </CopyButton>
        )}
        {onRetry ? <TurnAction icon="refresh" label={t('again')} onClick={onRetry} /> : null}
      </Group>
    </Group>
  );
}

/** How long it took, what it used and cost, and how it ended where that is worth telling. */
function useReplyFacts(reply: Reply): string[] {
  const { t } = useTranslation('playground');
  const format = useFormat();
  const { data: settled } = useQuery(requestCostQuery(reply.requestId));
  const used = reply.usage ?? (settled && settled.input + settled.output > 0 ? settled : null);
  return [
    ...(reply.isStopped ? [t('stopped')] : []),
    ...(reply.firstMs === null ? [] : [t('first', { duration: formatDuration(reply.firstMs) })]),
    ...(reply.durationMs === null ? [] : [t('took', { duration: formatDuration(reply.durationMs) })]),
    ...(used ? [t('used', { input: format.count(used.input), output: format.count(used.output) })] : []),
    ...(settled ? [settled.micros === null ? t('noPrice') : format.money(settled.micros)] : []),
    ...(reply.endReason === 'length' ? [t('cut')] : []),
  ];
}

function TurnAction(props: {
  icon: 'edit' | 'copy' | 'check' | 'refresh';
  label: string;
  onClick: () => void;
}): ReactNode {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="md"
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
    >
      <Icon name={props.icon} size={16} />
    </ActionIcon>
  );
}
