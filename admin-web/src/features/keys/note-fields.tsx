import { ActionIcon, Button, Group, Input, Stack, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import type { KeyForm } from './key-form.ts';

/** Names and values of one's own, such as a team or a cost centre. */
export function NoteFields({ form }: { form: UseFormReturnType<KeyForm> }): ReactNode {
  const { t } = useTranslation('keys');
  const { metadata } = form.getValues();
  return (
    <Input.Wrapper label={t('metadata')} description={t('metadataHint')} error={form.errors['metadata']}>
      <Stack gap="xs" mt={6}>
        {metadata.map((_note, index) => (
          <Group key={index} gap="xs" wrap="nowrap" align="center">
            <TextInput
              aria-label={t('noteName', { number: index + 1 })}
              placeholder="team"
              maxLength={64}
              style={{ flex: 1 }}
              {...form.getInputProps(`metadata.${index}.name`)}
            />
            <TextInput
              aria-label={t('noteValue', { number: index + 1 })}
              placeholder="research"
              maxLength={512}
              style={{ flex: 2 }}
              {...form.getInputProps(`metadata.${index}.value`)}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t('removeNote', { number: index + 1 })}
              onClick={() => form.removeListItem('metadata', index)}
            >
              <Icon name="trash" />
            </ActionIcon>
          </Group>
        ))}
        <Button
          variant="default"
          size="xs"
          leftSection={<Icon name="plus" size={15} />}
          style={{ alignSelf: 'flex-start' }}
          disabled={metadata.length >= 50}
          onClick={() => form.insertListItem('metadata', { name: '', value: '' })}
        >
          {t('addNote')}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
