import { Autocomplete } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { usersLikeQuery } from './api/find-users.ts';

const TYPING_MS = 250;

interface FieldProps {
  label: string;
  /** Shown above the field; otherwise the label is for screen readers only. */
  showLabel?: boolean;
  placeholder?: string;
  value: string;
  /** The name of a user, or '' for nobody in particular. */
  onChoose: (username: string) => void;
}

/** A user by name: what is typed is completed from those that there are. */
export function OwnerField({ label, showLabel = false, placeholder, value, onChoose }: FieldProps): ReactNode {
  const [text, setText] = useState(value);
  const [sent, setSent] = useState(value);
  if (value !== sent) {
    setSent(value);
    setText(value);
  }
  const [typed] = useDebouncedValue(text.trim(), TYPING_MS);
  const { data: names = [] } = useQuery(usersLikeQuery(typed));
  const choose = (name: string): void => {
    setSent(name);
    setText(name);
    if (name !== value) onChoose(name);
  };
  return (
    <Autocomplete
      {...(showLabel ? { label } : { 'aria-label': label })}
      placeholder={placeholder ?? label}
      data={names}
      // The server has narrowed the names already, by e-mail addresses too.
      filter={({ options }) => options}
      value={text}
      onChange={setText}
      onOptionSubmit={choose}
      onBlur={() => choose(text.trim())}
      onKeyDown={(event) => {
        if (event.key === 'Enter') choose(text.trim());
      }}
      clearable
      onClear={() => choose('')}
      {...(showLabel ? {} : { style: { flex: '0 1 220px' } })}
    />
  );
}
