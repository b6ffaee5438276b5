import { ActionIcon, Button, Group, Input, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../components/icon.tsx';
import type { SecretValues } from './secret-values.ts';
import type { Way } from './vendors.ts';

// A form with more fields than these is a form with these.
type Form<Values extends SecretValues> = UseFormReturnType<Values>;

/** What is presented, for the way at hand; and that it is sealed on arrival. */
export function SecretFields<Values extends SecretValues>(props: { way: Way; form: Form<Values> }): ReactNode {
  const { t } = useTranslation('credential');
  const { way, form } = props;
  const shown = { visibilityToggleButtonProps: { 'aria-label': t('fields.showSecret') }, autoComplete: 'off' };
  if (way === 'sign_in') return null;
  if (way === 'aws_role') {
    return (
      <TextInput
        label={t('fields.region')}
        description={t('fields.regionHint')}
        placeholder="eu-central-1"
        {...form.getInputProps('region')}
      />
    );
  }
  return (
    <Stack gap={6}>
      {way === 'headers' ? <HeaderFields form={form} /> : null}
      {way === 'api_key' ? (
        <PasswordInput label={t('fields.secret')} {...shown} {...form.getInputProps('secret')} />
      ) : null}
      {way === 'refresh_token' ? (
        <PasswordInput
          label={t('fields.refreshToken')}
          description={t('fields.refreshTokenHint')}
          {...shown}
          {...form.getInputProps('refreshToken')}
        />
      ) : null}
      <Group gap={6} wrap="nowrap" align="flex-start" c="dimmed">
        <Icon name="credentials" size={16} />
        <Text fz="xs" c="dimmed">
          {t(way === 'refresh_token' ? 'fields.sealedToken' : 'fields.sealed')}
        </Text>
      </Group>
    </Stack>
  );
}

function HeaderFields<Values extends SecretValues>({ form }: { form: Form<Values> }): ReactNode {
  const { t } = useTranslation('credential');
  const { headers } = form.values;
  const rows = (next: SecretValues['headers']): void => form.setValues({ headers: next } as Partial<Values>);
  const change = (index: number, part: Partial<SecretValues['headers'][number]>): void =>
    rows(headers.map((header, at) => (at === index ? { ...header, ...part } : header)));
  return (
    <Input.Wrapper
      label={t('fields.headers')}
      description={t('fields.headersHint')}
      error={form.errors['headers']}
      labelElement="div"
    >
      <Stack gap="xs" mt={6}>
        {headers.map(({ name, value }, index) => (
          <Group key={index} gap="xs" wrap="nowrap">
            <TextInput
              aria-label={t('fields.headerName', { number: index + 1 })}
              placeholder="x-api-key"
              value={name}
              onChange={(event) => change(index, { name: event.currentTarget.value })}
              style={{ flex: '1 1 40%' }}
            />
            <PasswordInput
              aria-label={t('fields.headerValue', { number: index + 1 })}
              autoComplete="off"
              value={value}
              visibilityToggleButtonProps={{ 'aria-label': t('fields.showSecret') }}
              onChange={(event) => change(index, { value: event.currentTarget.value })}
              style={{ flex: '1 1 60%' }}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t('fields.removeHeader', { number: index + 1 })}
              disabled={headers.length === 1}
              onClick={() => rows(headers.filter((_, at) => at !== index))}
            >
              <Icon name="trash" size={16} />
            </ActionIcon>
          </Group>
        ))}
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon name="plus" size={14} />}
            onClick={() => rows([...headers, { name: '', value: '' }])}
          >
            {t('fields.addHeader')}
          </Button>
        </Group>
      </Stack>
    </Input.Wrapper>
  );
}
