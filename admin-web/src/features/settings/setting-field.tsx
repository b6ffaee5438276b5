import {
  Group,
  JsonInput,
  NumberInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
  Button,
} from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SettingRow } from './api/settings.ts';
import { faultOf, kindOf } from './setting-kind.ts';
import { useSettingText } from './use-setting-text.ts';

interface FieldProps {
  row: SettingRow;
  /** What the field shows: the stored value or the one that is being typed. */
  value: unknown;
  onChange: (value: unknown) => void;
}

/** One setting: its name, what it does, a field of its kind, and the way back to its default. */
export function SettingField({ row, value, onChange }: FieldProps): ReactNode {
  const { t } = useTranslation('settings');
  const text = useSettingText();
  const isDefault = JSON.stringify(value) === JSON.stringify(row.default);
  return (
    <Stack gap={4}>
      <Field row={row} value={value} onChange={onChange} />
      <Group justify="space-between" gap="xs">
        <Text fz="xs" c="dimmed" ff="monospace">
          {row.key}
        </Text>
        {isDefault || row.secret ? null : (
          <Button
            variant="subtle"
            size="compact-xs"
            aria-label={t('backFor', { name: text(row).name })}
            onClick={() => onChange(row.default)}
          >
            {t('back')}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function Field({ row, value, onChange }: FieldProps): ReactNode {
  const text = useSettingText();
  const { name: label, hint: description } = text(row);
  const shown = { label, description, error: faultOf(row.key, value) };
  const kind = kindOf(row.key, row.default);
  switch (kind.kind) {
    case 'switch':
      return <Switch {...shown} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case 'number':
      return <NumberInput {...shown} value={Number(value)} onChange={(number) => onChange(Number(number))} />;
    case 'choice':
      return (
        <Select
          {...shown}
          allowDeselect={false}
          data={kind.options.map((option) => ({ value: option, label: text(row).option(option) }))}
          value={String(value)}
          onChange={(option) => onChange(option)}
        />
      );
    case 'words':
      return <TagsInput {...shown} value={Array.isArray(value) ? value.map(String) : []} onChange={onChange} />;
    case 'text':
      return <TextInput {...shown} value={String(value)} onChange={(event) => onChange(event.currentTarget.value)} />;
    case 'json':
      return <StructureField {...shown} value={value} onChange={onChange} />;
  }
}

/** A structure as JSON. What cannot be read yet stays in the field and is not the value. */
function StructureField(props: {
  label: string;
  description: string;
  error: string | null;
  value: unknown;
  onChange: (value: unknown) => void;
}): ReactNode {
  const { t } = useTranslation('settings');
  const { value, onChange, error, ...shown } = props;
  const [text, setText] = useState(() => JSON.stringify(value, null, 2));
  const read = parse(text);
  // The value changed elsewhere: by the way back to the default, or by saving.
  if (read !== UNREADABLE && JSON.stringify(read) !== JSON.stringify(value)) setText(JSON.stringify(value, null, 2));
  return (
    <JsonInput
      {...shown}
      autosize
      minRows={2}
      maxRows={16}
      error={read === UNREADABLE ? t('notJson') : error}
      value={text}
      onChange={(typed) => {
        setText(typed);
        const next = parse(typed);
        if (next !== UNREADABLE) onChange(next);
      }}
    />
  );
}

const UNREADABLE = Symbol('unreadable');

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return UNREADABLE;
  }
}
