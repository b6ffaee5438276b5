import { ActionIcon, Menu } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { useFormat } from '../../lib/use-format.ts';
import type { Medium } from './api/list-media.ts';

/** The whole address, for whoever it is sent to. */
export function addressOf({ url }: Medium): string {
  return url === null ? '' : new URL(url, window.location.origin).href;
}

/** What can be done with one medium. */
export function MediumActions(props: { medium: Medium; onOpen?: () => void; onDelete: () => void }): ReactNode {
  const { t } = useTranslation('media');
  const format = useFormat();
  const clipboard = useClipboard();
  const { medium, onOpen } = props;
  const copy = (): void => {
    clipboard.copy(addressOf(medium));
    notifications.show({ color: 'green', message: t('addressCopied') });
  };
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon
          variant="default"
          size="lg"
          aria-label={t('actionsOf', { made: format.shortDateTime(medium.mtime_ms) })}
        >
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {onOpen ? (
          <Menu.Item leftSection={<Icon name="image" />} onClick={onOpen}>
            {t('open')}
          </Menu.Item>
        ) : null}
        {medium.url === null ? null : (
          <>
            <Menu.Item leftSection={<Icon name="copy" />} onClick={copy}>
              {t('copyAddress')}
            </Menu.Item>
            <Menu.Item leftSection={<Icon name="download" />} component="a" href={medium.url} download>
              {t('download')}
            </Menu.Item>
          </>
        )}
        <Menu.Item leftSection={<Icon name="trash" />} c="red" onClick={props.onDelete}>
          {t('delete.button')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
