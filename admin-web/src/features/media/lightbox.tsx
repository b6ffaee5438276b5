import { ActionIcon, Anchor, Box, Button, Center, Group, Stack, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Facts } from '../../components/facts.tsx';
import { Icon } from '../../components/icon.tsx';
import { useFormat } from '../../lib/use-format.ts';
import type { Medium } from './api/list-media.ts';
import { addressOf } from './medium-actions.tsx';

interface LightboxProps {
  media: readonly Medium[];
  /** What is shown; null: nothing. */
  name: string | null;
  onShow: (medium: Medium | null) => void;
  onDelete: (medium: Medium) => void;
}

/** One medium as large as the window allows; the arrow keys lead to its neighbours. */
export function Lightbox({ media, name, onShow, onDelete }: LightboxProps): ReactNode {
  const { t } = useTranslation('media');
  const place = media.findIndex((medium) => medium.name === name);
  const medium = media[place];
  // The last one is kept, so that the dialog does not empty while it fades out.
  const [shown, setShown] = useState(medium);
  if (medium !== undefined && medium !== shown) setShown(medium);
  const previous = place > 0 ? media[place - 1] : undefined;
  const next = place >= 0 ? media[place + 1] : undefined;
  const show = (other: Medium | undefined) => (): void => {
    if (other) onShow(other);
  };
  useHotkeys(
    medium
      ? [
          ['ArrowLeft', show(previous)],
          ['ArrowRight', show(next)],
        ]
      : [],
  );
  return (
    <Dialog opened={medium !== undefined} onClose={() => onShow(null)} title={t('large')} size="xl" centered>
      {shown === undefined ? null : (
        <Stack gap="md">
          <Picture medium={shown} />
          <Group justify="space-between" gap="sm">
            <Group gap="xs">
              <ActionIcon
                variant="default"
                size="lg"
                aria-label={t('previous')}
                disabled={!previous}
                onClick={show(previous)}
              >
                <Icon name="left" />
              </ActionIcon>
              <ActionIcon variant="default" size="lg" aria-label={t('next')} disabled={!next} onClick={show(next)}>
                <Icon name="right" />
              </ActionIcon>
              <Text fz="sm" c="dimmed">
                {t('place', { place: place + 1, of: media.length })}
              </Text>
            </Group>
            <Actions medium={shown} onDelete={() => onDelete(shown)} />
          </Group>
          <MediumFacts medium={shown} />
        </Stack>
      )}
    </Dialog>
  );
}

function Picture({ medium }: { medium: Medium }): ReactNode {
  const { t } = useTranslation('media');
  const format = useFormat();
  const made = format.shortDateTime(medium.mtime_ms);
  const style = { maxWidth: '100%', maxHeight: '52dvh', objectFit: 'contain', display: 'block' } as const;
  return (
    <Center mih={160} bg="light-dark(var(--mantine-color-gray-1), var(--mantine-color-dark-8))" bdrs="md">
      {medium.content_type.startsWith('video/') ? (
        <video src={medium.url ?? ''} controls playsInline aria-label={t('videoOf', { made })} style={style} />
      ) : (
        <img src={medium.url ?? ''} alt={t('imageOf', { made })} style={style} />
      )}
    </Center>
  );
}

function Actions({ medium, onDelete }: { medium: Medium; onDelete: () => void }): ReactNode {
  const { t } = useTranslation('media');
  return (
    <Group gap="xs">
      <CopyButton value={addressOf(medium)} />
      <Button
        size="xs"
        variant="default"
        leftSection={<Icon name="download" size={15} />}
        component="a"
        href={medium.url ?? ''}
        download
      >
        {t('download')}
      </Button>
      <Button size="xs" variant="light" color="red" leftSection={<Icon name="trash" size={15} />} onClick={onDelete}>
        {t('delete.button')}
      </Button>
    </Group>
  );
}

function MediumFacts({ medium }: { medium: Medium }): ReactNode {
  const { t } = useTranslation('media');
  const format = useFormat();
  return (
    <Box fz="sm">
      <Facts
        rows={[
          {
            label: t('address'),
            value: (
              <Text ff="monospace" fz="xs">
                {addressOf(medium)}
              </Text>
            ),
          },
          { label: t('size'), value: `${format.bytes(medium.size_bytes)}, ${medium.content_type}` },
          { label: t('made'), value: format.dateTime(medium.mtime_ms) },
          {
            label: t('expires'),
            value: `${format.dateTime(medium.expires_at_ms)} (${format.age(medium.expires_at_ms)})`,
          },
          {
            label: t('owner'),
            value: (
              <Anchor fz="sm" renderRoot={(root) => <Link to="/users" search={{ user: medium.owner }} {...root} />}>
                {medium.owner}
              </Anchor>
            ),
          },
        ]}
      />
    </Box>
  );
}
