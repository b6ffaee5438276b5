import { AspectRatio, Card, Group, SimpleGrid, Stack, Text, UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../lib/use-format.ts';
import type { Medium } from './api/list-media.ts';
import { MediumActions } from './medium-actions.tsx';

interface GridProps {
  media: readonly Medium[];
  onOpen: (medium: Medium) => void;
  onDelete: (medium: Medium) => void;
}

/** Thumbnails that load as they come into view; videos play where they are. */
export function MediaGrid({ media, onOpen, onDelete }: GridProps): ReactNode {
  const { t } = useTranslation('media');
  return (
    <SimpleGrid
      component="ul"
      aria-label={t('gallery')}
      cols={{ base: 1, xs: 2, md: 3, lg: 4 }}
      p={0}
      m={0}
      style={{ listStyle: 'none' }}
    >
      {media.map((medium) => (
        <MediumCard key={medium.name} medium={medium} onOpen={() => onOpen(medium)} onDelete={() => onDelete(medium)} />
      ))}
    </SimpleGrid>
  );
}

function MediumCard(props: { medium: Medium; onOpen: () => void; onDelete: () => void }): ReactNode {
  const { t } = useTranslation('media');
  const format = useFormat();
  const { medium } = props;
  const isVideo = medium.content_type.startsWith('video/');
  const made = format.shortDateTime(medium.mtime_ms);
  return (
    <Card component="li" withBorder padding={0}>
      <AspectRatio ratio={4 / 3} bg="light-dark(var(--mantine-color-gray-1), var(--mantine-color-dark-8))">
        {isVideo ? (
          <video
            src={medium.url ?? ''}
            controls
            preload="metadata"
            playsInline
            aria-label={t('videoOf', { made })}
            style={{ objectFit: 'contain' }}
          />
        ) : (
          <UnstyledButton aria-label={t('openImage', { made })} onClick={props.onOpen}>
            <img
              src={medium.preview_url ?? medium.url ?? ''}
              alt=""
              loading="lazy"
              decoding="async"
              style={{ width: '100%', height: '100%', objectFit: 'contain', display: 'block' }}
            />
          </UnstyledButton>
        )}
      </AspectRatio>
      <Group justify="space-between" wrap="nowrap" gap="xs" p="sm">
        <Stack gap={2} miw={0}>
          <Text fz="sm" truncate>
            {made}
          </Text>
          <Text fz="xs" c="dimmed" truncate>
            {t('cardFacts', { size: format.bytes(medium.size_bytes), age: format.age(medium.expires_at_ms) })}
          </Text>
        </Stack>
        <MediumActions medium={medium} onOpen={props.onOpen} onDelete={props.onDelete} />
      </Group>
    </Card>
  );
}
