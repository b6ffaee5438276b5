import { ActionIcon, CopyButton, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../components/icon.tsx';

/** A short value, such as an id, with a button that copies it. */
export function Copyable({ value, name, children }: { value: string; name: string; children?: ReactNode }): ReactNode {
  const { t } = useTranslation('usage');
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end" component="span" miw={0}>
      {children ?? (
        <Text component="span" ff="monospace" fz="sm" style={{ overflowWrap: 'anywhere' }}>
          {value}
        </Text>
      )}
      <CopyButton value={value} timeout={2000}>
        {({ copied, copy }) => (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t(copied ? 'story.copiedWhat' : 'story.copyWhat', { name })}
            onClick={copy}
          >
            <Icon name={copied ? 'check' : 'copy'} size={14} />
          </ActionIcon>
        )}
      </CopyButton>
    </Group>
  );
}
