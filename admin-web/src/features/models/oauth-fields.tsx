import {
  Card,
  Checkbox,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FoldButton } from './fold-button.tsx';
import type { UpstreamForm } from './upstream-form.ts';

type Form = UseFormReturnType<UpstreamForm>;

/** An OAuth client of the operator's own, by which credentials are refreshed and signed in. */
export function OAuthFields({ form, hasSecret }: { form: Form; hasSecret: boolean }): ReactNode {
  const { t } = useTranslation('models');
  const [more, setMore] = useState(false);
  const plain = { autoComplete: 'off', spellCheck: false } as const;
  return (
    <Card withBorder padding="md">
      <Stack gap="md">
        <TextInput
          label={t('oauth.tokenUrl')}
          description={t('oauth.tokenUrlHint')}
          placeholder="https://auth.example.com/oauth/token"
          type="url"
          {...plain}
          {...form.getInputProps('oauth.tokenUrl')}
        />
        <TextInput
          label={t('oauth.authorizeUrl')}
          description={t('oauth.authorizeUrlHint')}
          placeholder="https://auth.example.com/oauth/authorize"
          type="url"
          {...plain}
          {...form.getInputProps('oauth.authorizeUrl')}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label={t('oauth.clientId')} {...plain} {...form.getInputProps('oauth.clientId')} />
          <PasswordInput
            label={t('oauth.clientSecret')}
            placeholder={t(hasSecret ? 'oauth.secretKept' : 'oauth.secretNone')}
            autoComplete="new-password"
            disabled={form.values.oauth.forgetSecret}
            visibilityToggleButtonProps={{ 'aria-label': t('oauth.showSecret') }}
            {...form.getInputProps('oauth.clientSecret')}
          />
        </SimpleGrid>
        {hasSecret ? (
          <Checkbox
            label={t('oauth.forgetSecret')}
            {...form.getInputProps('oauth.forgetSecret', { type: 'checkbox' })}
          />
        ) : null}
        <TextInput
          label={t('oauth.scope')}
          placeholder="openid offline_access"
          {...plain}
          {...form.getInputProps('oauth.scope')}
        />
        <FoldButton isOpen={more} onToggle={() => setMore(!more)} text={t('oauth.more')} />
        {more ? <MoreFields form={form} /> : null}
      </Stack>
    </Card>
  );
}

function MoreFields({ form }: { form: Form }): ReactNode {
  const { t } = useTranslation('models');
  return (
    <>
      <Stack gap={4}>
        <Text fz="sm" fw={500}>
          {t('oauth.clientAuth')}
        </Text>
        <SegmentedControl
          aria-label={t('oauth.clientAuth')}
          data={[
            { value: 'body', label: t('oauth.authBody') },
            { value: 'basic', label: t('oauth.authBasic') },
          ]}
          {...form.getInputProps('oauth.clientAuth')}
        />
      </Stack>
      <TextInput
        label={t('oauth.redirectUri')}
        description={t('oauth.redirectUriHint')}
        placeholder="http://localhost:8787/oauth/callback"
        type="url"
        {...form.getInputProps('oauth.redirectUri')}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Textarea
          label={t('oauth.extra')}
          description={t('oauth.extraHint')}
          placeholder="audience=https://api.example.com"
          rows={3}
          spellCheck={false}
          {...form.getInputProps('oauth.extra')}
        />
        <Textarea
          label={t('oauth.authorizeExtra')}
          description={t('oauth.authorizeExtraHint')}
          placeholder="access_type=offline"
          rows={3}
          spellCheck={false}
          {...form.getInputProps('oauth.authorizeExtra')}
        />
      </SimpleGrid>
      <Select
        label={t('oauth.serverError')}
        description={t('oauth.serverErrorHint')}
        allowDeselect={false}
        data={[
          { value: 'not-consumed', label: t('oauth.notConsumed') },
          { value: 'unknown', label: t('oauth.maybeConsumed') },
        ]}
        {...form.getInputProps('oauth.serverError')}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <NumberInput
          label={t('oauth.tries')}
          min={1}
          max={100}
          allowDecimal={false}
          allowNegative={false}
          {...form.getInputProps('oauth.serverErrorTries')}
        />
        <Select
          label={t('oauth.ambiguous')}
          allowDeselect={false}
          data={[
            { value: 'stop', label: t('oauth.stop') },
            { value: 'send-once-more', label: t('oauth.sendOnceMore') },
          ]}
          {...form.getInputProps('oauth.ambiguous')}
        />
      </SimpleGrid>
    </>
  );
}
