import { ActionIcon, Button, Card, FileButton, Group, Image, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { ClipboardEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import type { Question } from './turns.ts';

const MOST_IMAGES = 4;
const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];
/** Four of these still fit into a request. */
const MOST_BYTES = 4_000_000;

/** What is being written. */
export type Draft = Pick<Question, 'text' | 'images'>;

export const EMPTY_DRAFT: Draft = { text: '', images: [] };

/** Where the next question is written. Enter sends, Shift and Enter begin a line; pictures by file or from the clipboard. */
export function Composer(props: {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  isAnswering: boolean;
  onSend: (question: Question) => void;
  onStop: () => void;
}): ReactNode {
  const { t } = useTranslation('playground');
  const { draft, onDraft } = props;
  const [refused, setRefused] = useState<string | null>(null);
  const canSend = !props.isAnswering && draft.text.trim() !== '';
  const send = (): void => {
    if (!canSend) return;
    props.onSend({ role: 'user', text: draft.text.trim(), images: draft.images });
    onDraft(EMPTY_DRAFT);
  };
  const add = async (files: readonly File[]): Promise<void> => {
    const fitting = files.filter(({ size, type }) => size <= MOST_BYTES && IMAGE_TYPES.includes(type));
    setRefused(fitting.length < files.length ? t('tooLarge') : null);
    const urls = await Promise.all(fitting.slice(0, MOST_IMAGES - draft.images.length).map(dataUrlOf));
    onDraft({ ...draft, images: [...new Set([...draft.images, ...urls])] });
  };
  const paste = (event: ClipboardEvent): void => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    void add(files);
  };
  return (
    <Card withBorder padding="md">
      <Stack gap="sm">
        <Textarea
          aria-label={t('message')}
          placeholder={t('messagePlaceholder')}
          autosize
          minRows={2}
          maxRows={10}
          value={draft.text}
          onChange={(event) => onDraft({ ...draft, text: event.currentTarget.value })}
          onPaste={paste}
          onKeyDown={(event) => {
            // While a Chinese input method is composing, Enter chooses a word.
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <Attached images={draft.images} onImages={(images) => onDraft({ ...draft, images })} />
        {refused === null ? null : (
          <Text fz="sm" c="var(--mantine-color-error)" role="alert">
            {refused}
          </Text>
        )}
        <Group justify="space-between">
          <FileButton accept={IMAGE_TYPES.join(',')} multiple onChange={(files) => void add(files)}>
            {(button) => (
              <Button
                {...button}
                variant="default"
                leftSection={<Icon name="image" size={16} />}
                disabled={draft.images.length >= MOST_IMAGES}
              >
                {t('attach')}
              </Button>
            )}
          </FileButton>
          {props.isAnswering ? (
            <Button variant="default" onClick={props.onStop}>
              {t('stop')}
            </Button>
          ) : (
            <Button disabled={!canSend} onClick={send}>
              {t('send')}
            </Button>
          )}
        </Group>
      </Stack>
    </Card>
  );
}

function Attached(props: { images: readonly string[]; onImages: (images: readonly string[]) => void }): ReactNode {
  const { t } = useTranslation('playground');
  const { images, onImages } = props;
  if (images.length === 0) return null;
  return (
    <Group gap="xs">
      {images.map((url, index) => (
        <Group key={url} gap={4} wrap="nowrap">
          <Image src={url} alt={t('attached', { number: index + 1 })} w={56} h={56} fit="cover" radius="sm" />
          <ActionIcon
            variant="subtle"
            color="red"
            aria-label={t('detach', { number: index + 1 })}
            onClick={() => onImages(images.filter((kept) => kept !== url))}
          >
            <Icon name="trash" size={16} />
          </ActionIcon>
        </Group>
      ))}
    </Group>
  );
}

function dataUrlOf(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result)));
    reader.addEventListener('error', () => reject(reader.error ?? new Error(file.name)));
    reader.readAsDataURL(file);
  });
}
