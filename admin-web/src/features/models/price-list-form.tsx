import { Anchor, Button, Card, Code, FileButton, Group, Stack, Text, Textarea, Title } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { readPriceList, type PriceList } from './price-list.ts';
import { Refusal } from './refusal.tsx';

/** Where the list that most gateways read is kept. */
const PUBLIC_LIST = 'https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json';

const EXAMPLE = `{
  "gpt-5": {
    "input_cost_per_token": 1.25e-06,
    "output_cost_per_token": 1e-05,
    "cache_read_input_token_cost": 1.25e-07,
    "max_output_tokens": 128000
  }
}`;

/** A list is chosen as a file or pasted, and looked at. */
export function PriceListForm(props: {
  isPending: boolean;
  error: unknown;
  onCheck: (list: PriceList) => void;
}): ReactNode {
  const { t } = useTranslation('models');
  const [text, setText] = useState('');
  // A file of some megabytes is not shown: nobody reads it here, and a field would be slow.
  const [file, setFile] = useState<{ name: string; text: string } | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const check = (): void => {
    const read = readPriceList(file?.text ?? text);
    setFault(read.ok ? null : t(`list.faults.${read.why}`));
    if (read.ok) props.onCheck(read.list);
  };
  const open = async (chosen: File | null): Promise<void> => {
    if (!chosen) return;
    setFault(null);
    setFile({ name: chosen.name, text: await chosen.text() });
  };
  return (
    <Card withBorder padding="lg">
      <Stack gap="md">
        <Intro />
        <ChooseFile name={file?.name ?? null} onFile={(chosen) => void open(chosen)} onPaste={() => setFile(null)} />
        {file ? null : (
          <Textarea
            label={t('list.paste')}
            placeholder={EXAMPLE}
            rows={9}
            spellCheck={false}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setFault(null);
            }}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
          />
        )}
        {fault ? (
          <Text fz="sm" c="error" role="alert">
            {fault}
          </Text>
        ) : null}
        <Refusal error={props.error} />
        <Group justify="flex-end" gap="md">
          <Text fz="sm" c="dimmed">
            {t('list.nothingWritten')}
          </Text>
          <Button loading={props.isPending} disabled={file === null && text.trim() === ''} onClick={check}>
            {t('list.check')}
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}

function Intro(): ReactNode {
  const { t } = useTranslation('models');
  return (
    <Stack gap={4}>
      <Title order={2} fz={17}>
        {t('list.title')}
      </Title>
      <Text fz="sm" c="dimmed">
        {t('list.intro')}{' '}
        <Anchor href={PUBLIC_LIST} target="_blank" rel="noreferrer" fz="sm" underline="always">
          {t('list.where')}
        </Anchor>
      </Text>
    </Stack>
  );
}

function ChooseFile(props: {
  /** Of the file that is chosen. */
  name: string | null;
  onFile: (file: File | null) => void;
  onPaste: () => void;
}): ReactNode {
  const { t } = useTranslation('models');
  return (
    <Group gap="sm">
      <FileButton accept="application/json,.json" onChange={props.onFile}>
        {(button) => (
          <Button variant="default" leftSection={<Icon name="upload" size={16} />} {...button}>
            {t('list.chooseFile')}
          </Button>
        )}
      </FileButton>
      {props.name === null ? null : (
        <>
          <Code style={{ overflowWrap: 'anywhere' }}>{props.name}</Code>
          <Button variant="subtle" size="xs" onClick={props.onPaste}>
            {t('list.pasteInstead')}
          </Button>
        </>
      )}
    </Group>
  );
}
