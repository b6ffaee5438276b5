import { Badge, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../lib/use-format.ts';

/** When a route is tried, and which part of the requests it then gets. */
export function RoutePlace({ turn, share }: { turn: number; share: number }): ReactNode {
  const { t } = useTranslation('models');
  const format = useFormat();
  return (
    <Group gap={6}>
      <Badge variant="light" color={turn === 1 ? 'green' : 'gray'}>
        {turn === 1 ? t('triedFirst') : t('triedAs', { turn })}
      </Badge>
      {share < 1 ? (
        <Badge variant="light" color="gray">
          {t('shareOf', { share: format.share(share, 1) ?? '' })}
        </Badge>
      ) : null}
    </Group>
  );
}
