import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../../components/dialog.tsx';
import { QueryView } from '../../../components/query-view.tsx';
import { upstreamsQuery, type Upstream } from '../../../lib/api/upstreams.ts';
import type { Kind } from '../credentials-search.ts';
import { Added, type AddedCredential } from './added.tsx';
import { ChooseUpstream } from './choose-upstream.tsx';
import { CredentialForm } from './credential-form.tsx';
import type { Way } from './vendors.ts';

const WAY_OF_KIND: Readonly<Record<Kind, Way>> = {
  api_key: 'api_key',
  oauth: 'sign_in',
  headers: 'headers',
  aws_role: 'aws_role',
};

interface AddCredentialProps {
  opened: boolean;
  onClose: () => void;
  /** Offered first, where the upstream takes it. */
  kind?: Kind | undefined;
  /** Shows the credential that was made. */
  onOpen?: ((place: { upstream: string; id: string }) => void) | undefined;
}

/** Gives the gateway something to present to an upstream: where, what, and at once whether it works. */
export function AddCredential({ opened, onClose, kind, onOpen }: AddCredentialProps): ReactNode {
  const { t } = useTranslation('credential');
  return (
    <Dialog opened={opened} onClose={onClose} title={t('add.title')} size="lg" closeOnClickOutside={false}>
      <Steps onClose={onClose} kind={kind} onOpen={onOpen} />
    </Dialog>
  );
}

function Steps({ onClose, kind, onOpen }: Omit<AddCredentialProps, 'opened'>): ReactNode {
  const upstreams = useQuery(upstreamsQuery);
  const [name, setName] = useState<string | null>(null);
  const [added, setAdded] = useState<AddedCredential | null>(null);
  if (added !== null) {
    return (
      <Added
        added={added}
        onAnother={() => setAdded(null)}
        onClose={onClose}
        {...(onOpen ? { onOpen: () => onOpen(added.credential) } : {})}
      />
    );
  }
  return (
    <QueryView query={upstreams}>
      {(known) => {
        const upstream: Upstream | undefined = known.find((one) => one.name === name);
        return (
          <Stack gap="lg">
            <ChooseUpstream upstreams={known} chosen={upstream ?? null} onChoose={setName} />
            {upstream ? (
              <CredentialForm
                key={upstream.name}
                upstream={upstream}
                wish={kind === undefined ? null : WAY_OF_KIND[kind]}
                onAdded={setAdded}
                onCancel={onClose}
              />
            ) : null}
          </Stack>
        );
      }}
    </QueryView>
  );
}
