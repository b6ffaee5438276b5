import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { ApiError } from '../../../lib/api-client.ts';
import { differenceOf, linesOf } from './list-lines.ts';

interface EditorProps {
  label: string;
  hint: string;
  placeholder: string;
  stored: readonly string[];
  /** What saving does to credentials; another word where the list becomes empty. */
  saveText: string;
  emptyText: string;
  pending: boolean;
  error: unknown;
  onSave: (text: string, onSuccess: () => void) => void;
}

/** A list as text, one member a line; says before it is saved what is new and what goes. */
export function ListEditor(props: EditorProps): ReactNode {
  const { t } = useTranslation('credentials');
  const { stored } = props;
  const [text, setText] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const shown = text ?? stored.join('\n');
  const { added, removed } = differenceOf(shown, stored);
  const isChanged = added.length + removed.length > 0;
  const isEmpty = linesOf(shown).length === 0;
  const difference = t('lists.difference', { added: added.length, removed: removed.length });
  return (
    <Stack gap="sm">
      <Textarea
        label={props.label}
        description={props.hint}
        placeholder={props.placeholder}
        value={shown}
        onChange={(event) => setText(event.currentTarget.value)}
        autosize
        minRows={5}
        maxRows={16}
        spellCheck={false}
        autoComplete="off"
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
      />
      {props.error && !asking ? <SaveFault error={props.error} lines={linesOf(shown)} /> : null}
      <Group justify="space-between" gap="sm">
        <Text fz="sm" c="dimmed" aria-live="polite">
          {isChanged ? difference : t('lists.count', { count: stored.length })}
        </Text>
        <Group gap="sm">
          {isChanged ? (
            <Button variant="default" onClick={() => setText(null)}>
              {t('lists.undo')}
            </Button>
          ) : null}
          <Button disabled={!isChanged} loading={props.pending} onClick={() => setAsking(true)}>
            {t('lists.save')}
          </Button>
        </Group>
      </Group>
      <ConfirmDialog
        opened={asking}
        title={t('lists.saveTitle')}
        text={`${difference} ${isEmpty ? props.emptyText : props.saveText}`}
        confirmLabel={t('lists.save')}
        pending={false}
        error={null}
        onConfirm={() => {
          setAsking(false);
          props.onSave(shown, () => setText(null));
        }}
        onClose={() => setAsking(false)}
      />
    </Stack>
  );
}

/** Each member that was refused, by what stands in its line. */
function SaveFault({ error, lines }: { error: unknown; lines: readonly string[] }): ReactNode {
  const { t } = useTranslation('credentials');
  const findings = error instanceof ApiError ? error.findings : [];
  if (findings.length === 0) return <ErrorState error={error} />;
  return (
    <Alert color="red" variant="light" title={t('lists.refused')} role="alert">
      <Stack component="ul" gap={4} m={0} ps="md">
        {findings.map(({ path, message }) => (
          <Text key={path} component="li" fz="sm" style={{ overflowWrap: 'anywhere' }}>
            {`${lines[Number(/\[(\d+)\]/.exec(path)?.[1] ?? Number.NaN)] ?? path}: ${message}`}
          </Text>
        ))}
      </Stack>
    </Alert>
  );
}
