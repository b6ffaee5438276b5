import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

const COLORS = { info: 'gray', warning: 'orange', critical: 'red' } as const;

export function SeverityBadge({ severity }: { severity: keyof typeof COLORS }): ReactNode {
  const { t } = useTranslation('alerts');
  return (
    <Badge variant="light" color={COLORS[severity]}>
      {t(`severities.${severity}`)}
    </Badge>
  );
}
