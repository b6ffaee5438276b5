import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Model } from '../../lib/api/models.ts';
import type { Upstream } from '../../lib/api/upstreams.ts';
import { useDeleteUpstream } from './api/upstreams.ts';

const MOST_NAMED = 8;

/** Takes an upstream away that nobody points at; else says who does. */
export function DeleteUpstream(props: {
  upstream: Upstream | null;
  models: readonly Model[];
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation('models');
  const { upstream } = props;
  const deletion = useDeleteUpstream();
  const [shown, setShown] = useState(upstream);
  if (upstream && upstream !== shown) setShown(upstream);
  const users = props.models.filter((model) => model.routes.some((route) => route.upstream === shown?.name));
  const names = users.slice(0, MOST_NAMED).map(({ name }) => name);
  const name = shown?.name ?? '';
  const close = (): void => {
    deletion.reset();
    props.onClose();
  };
  return (
    <ConfirmDialog
      opened={upstream !== null}
      title={t('deleteUpstream.title')}
      text={
        users.length > 0
          ? t('deleteUpstream.used', {
              name,
              models: [...names, ...(users.length > MOST_NAMED ? ['…'] : [])].join(', '),
            })
          : t('deleteUpstream.text', { name })
      }
      confirmLabel={t('deleteUpstream.button')}
      pending={deletion.isPending}
      error={deletion.error}
      onConfirm={() => deletion.mutate(name, { onSuccess: close })}
      onClose={close}
    />
  );
}
