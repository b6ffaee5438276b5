import { ActionIcon, Button, Card, FileButton, Group, Image, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import type { Question } from './turns.ts';

const MOST_IMAGES = 4;
const IMAGE_TYPES = 'image/png,image/jpeg,image/webp,image/gif';

/** Where the next question is written. Enter sends, Shift and Enter begin a line. */
export function Composer(props: {
  isAnswering: boolean;
  onSend: (question: Question) => void;
  onStop: () => void;
}): ReactNode {
  const { t } = useTranslation('playground');
  const [text, setText] = useState('');
  const [images, setImages] = useState<readonly string[]>([]);
  const canSend = !props.isAnswering && text.trim() !== '';
  const send = (): void => {
    if (!canSend) return;
    props.onSend({ role: 'user', text: text.trim(), images });
    setText('');
    setImages([]);
  };
  const add = async (files: File[]): Promise<void> => {
    const urls = await Promise.all(files.slice(0, MOST_IMAGES - images.length).map(dataUrlOf));
    setImages((before) => [...before, ...urls]);
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
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            // While a Chinese input method is composing, Enter chooses a word.
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        {images.length > 0 ? (
          <Group gap="xs">
            {images.map((url, index) => (
              <Group key={url} gap={4} wrap="nowrap">
                <Image src={url} alt={t('attached', { number: index + 1 })} w={56} h={56} fit="cover" radius="sm" />
                <ActionIcon
                  variant="subtle"
                  color="red"
                  aria-label={t('detach', { number: index + 1 })}
                  onClick={() => setImages(images.filter((kept) => kept !== url))}
                >
                  <Icon name="trash" size={16} />
                </ActionIcon>
              </Group>
            ))}
          </Group>
        ) : null}
        <Group justify="space-between">
          <FileButton accept={IMAGE_TYPES} multiple onChange={(files) => void add(files)}>
            {(button) => (
              <Button {...button} variant="default" disabled={images.length >= MOST_IMAGES}>
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

function dataUrlOf(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result)));
    reader.addEventListener('error', () => reject(reader.error ?? new Error(file.name)));
    reader.readAsDataURL(file);
  });
}
