import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Key } from './api/list-keys.ts';
import { keyState } from './key-state.ts';

const STATE_COLORS = { active: 'green', disabled: 'gray', expired: 'orange' } as const;

export function KeyBadge({ apiKey }: { apiKey: Key }): ReactNode {
  const { t } = useTranslation('keys');
  const state = keyState(apiKey, Date.now());
  return (
    <Badge variant="light" color={STATE_COLORS[state]}>
      {t(`states.${state}`)}
    </Badge>
  );
}
