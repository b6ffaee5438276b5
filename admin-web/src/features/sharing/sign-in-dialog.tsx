import { Anchor, Button, Group, Select, Stack, Stepper, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import type { Account } from './api/accounts.ts';
import type { Places } from './api/places.ts';
import { LimitsFields } from './limits-fields.tsx';
import { limitsOf, NO_LIMITS } from './limits.ts';
import { SharedSwitch } from './shared-switch.tsx';
import { useBeginSignIn, useFinishSignIn } from './api/sign-in.ts';

type Target = Pick<Account, 'id' | 'name' | 'upstream'> | 'new';

/** Signs in at an upstream: opens its page, and takes what the browser was sent back with. */
export function SignInDialog(props: {
  /** `new`, or the credential that is signed in anew; open while there is one. */
  target: Target | null;
  places: Places | undefined;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation('sharing');
  const { target, places, onClose } = props;
  const [shown, setShown] = useState(target);
  if (target !== null && target !== shown) setShown(target);
  return (
    <Dialog
      opened={target !== null && places?.may_bring === true}
      onClose={onClose}
      title={t(shown === 'new' ? 'signIn' : 'signInAgain')}
      centered
      size="lg"
      // The way back from the other page must not be lost to a stray click.
      closeOnClickOutside={false}
    >
      {places && shown !== null ? <Steps target={shown} places={places} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Steps({ target, places, onClose }: { target: Target; places: Places; onClose: () => void }): ReactNode {
  const { t } = useTranslation('sharing');
  const begin = useBeginSignIn();
  const finish = useFinishSignIn();
  const done = (name: string): void => {
    notifications.show({ color: 'green', message: t('signedIn', { name }) });
    onClose();
  };
  return (
    <Stack gap="lg">
      <Stepper active={begin.data ? 1 : 0} size="xs" allowNextStepsSelect={false}>
        <Stepper.Step label={t('steps.begin')} />
        <Stepper.Step label={t('steps.paste')} />
      </Stepper>
      {begin.data ? (
        <PasteStep
          url={begin.data.auth_url}
          minutes={Math.round(begin.data.expires_in / 60)}
          finish={finish}
          onPaste={(pasted) => {
            if (begin.data) {
              finish.mutate({ pasted, state: begin.data.state }, { onSuccess: ({ name }) => done(name) });
            }
          }}
          onAgain={() => {
            finish.reset();
            begin.reset();
          }}
        />
      ) : (
        <BeginStep target={target} places={places} begin={begin} onClose={onClose} />
      )}
    </Stack>
  );
}

interface BeginProps {
  target: Target;
  places: Places;
  begin: ReturnType<typeof useBeginSignIn>;
  onClose: () => void;
}

function BeginStep({ target, places, begin, onClose }: BeginProps): ReactNode {
  const { t } = useTranslation('sharing');
  const open = places.upstreams.filter((place) => place.sign_in).map(({ name }) => name);
  const form = useForm({
    initialValues: { upstream: open.length === 1 ? (open[0] ?? '') : '', name: '', shared: false, limits: NO_LIMITS },
    validate: { upstream: (upstream) => (target === 'new' && upstream === '' ? t('chooseUpstream') : null) },
  });
  const submit = form.onSubmit(({ upstream, name, shared, limits }) => {
    if (target !== 'new') return begin.mutate({ account_id: target.id });
    const named = name.trim();
    begin.mutate({
      upstream,
      is_shared: shared ? 1 : 0,
      limits: limitsOf(limits),
      ...(named === '' ? {} : { name: named }),
    });
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {begin.error ? <ErrorState error={begin.error} /> : null}
        {target === 'new' ? (
          <>
            <Select label={t('upstream')} data={open} searchable {...form.getInputProps('upstream')} />
            <TextInput
              label={t('nameOptional')}
              description={t('nameOptionalHint')}
              autoComplete="off"
              {...form.getInputProps('name')}
            />
            <LimitsFields values={form.values.limits} onChange={(limits) => form.setFieldValue('limits', limits)} />
            <SharedSwitch {...form.getInputProps('shared', { type: 'checkbox' })} />
          </>
        ) : (
          <Text fz="sm">{t('signInAgainText', { name: target.name, upstream: target.upstream })}</Text>
        )}
        <FormActions submitLabel={t('continue')} pending={begin.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}

interface PasteProps {
  url: string;
  minutes: number;
  finish: ReturnType<typeof useFinishSignIn>;
  onPaste: (pasted: string) => void;
  onAgain: () => void;
}

function PasteStep({ url, minutes, finish, onPaste, onAgain }: PasteProps): ReactNode {
  const { t } = useTranslation('sharing');
  const [pasted, setPasted] = useState('');
  return (
    <Stack gap="md">
      <Text fz="sm">{t('open', { minutes })}</Text>
      <Group gap="sm">
        <Button component="a" href={url} target="_blank" rel="noopener noreferrer">
          {t('openPage')}
        </Button>
        <CopyButton value={url} />
      </Group>
      <Text fz="sm">{t('pasteText')}</Text>
      {finish.error ? <ErrorState error={finish.error} /> : null}
      <Textarea
        label={t('pasted')}
        placeholder="http://localhost/callback?code=…&state=…"
        value={pasted}
        onChange={(event) => setPasted(event.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={6}
        spellCheck={false}
      />
      <Group justify="space-between">
        <Anchor component="button" type="button" fz="sm" onClick={onAgain}>
          {t('beginAgain')}
        </Anchor>
        <Button loading={finish.isPending} disabled={pasted.trim() === ''} onClick={() => onPaste(pasted.trim())}>
          {t('finish')}
        </Button>
      </Group>
    </Stack>
  );
}
