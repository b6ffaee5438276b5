import { useForm, type UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../lib/api-client.ts';
import { sectionsOf, type Section } from './key-fields.tsx';
import { faultyFields, fieldOfPath, type KeyForm } from './key-form.ts';

const SAID = ['name', 'expiresAt', 'allowedIps', 'channel', 'metadata', 'secret'] as const;

interface KeyFormState {
  form: UseFormReturnType<KeyForm>;
  open: Section[];
  setOpen: (sections: Section[]) => void;
  /** Opens the sections in which something is wrong. */
  onFaults: (errors: Record<string, unknown>) => void;
  /** Puts what the server found at its fields. */
  noteFindings: (error: unknown) => void;
}

/** The form of a key and which of its sections are open. */
export function useKeyForm(initialValues: KeyForm, initiallyOpen: Section[]): KeyFormState {
  const { t } = useTranslation('keys');
  const [open, setOpen] = useState<Section[]>(initiallyOpen);
  const form = useForm<KeyForm>({
    initialValues,
    validate: (values) =>
      Object.fromEntries(
        [...faultyFields(values, Date.now())].map((field) => [
          field,
          t(`faults.${SAID.find((known) => known === field) ?? 'limit'}`),
        ]),
      ),
  });
  const onFaults = (errors: Record<string, unknown>): void => {
    const faulty = sectionsOf(Object.keys(errors) as (keyof KeyForm)[]);
    setOpen((sections) => [...new Set([...sections, ...faulty])]);
  };
  const noteFindings = (error: unknown): void => {
    if (!(error instanceof ApiError)) return;
    const errors: Partial<Record<keyof KeyForm, string>> = {};
    for (const { path, message } of error.findings) {
      const field = fieldOfPath(path);
      if (field) errors[field] ??= message;
    }
    form.setErrors(errors);
    onFaults(errors);
  };
  return { form, open, setOpen, onFaults, noteFindings };
}
