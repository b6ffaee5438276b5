import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import type { ReactNode } from 'react';

const TYPING_MS = 300;

/** A field that narrows a list while somebody types. `value` is what the list is narrowed to; it may change elsewhere. */
export function SearchField(props: { label: string; value: string; onSearch: (text: string) => void }): ReactNode {
  const { label, value, onSearch } = props;
  const [text, setText] = useState(value);
  const [sent, setSent] = useState(value);
  if (value !== sent) {
    setSent(value);
    setText(value);
  }
  const send = useDebouncedCallback((typed: string) => {
    setSent(typed.trim());
    onSearch(typed.trim());
  }, TYPING_MS);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        send(event.currentTarget.value);
      }}
      style={{ flex: '1 1 220px' }}
    />
  );
}
