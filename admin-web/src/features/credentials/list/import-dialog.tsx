import {
  Button,
  FileButton,
  Group,
  Select,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../../components/dialog.tsx';
import { Icon } from '../../../components/icon.tsx';
import { upstreamsQuery } from '../../../lib/api/upstreams.ts';
import { importWork, type ImportResult } from '../api/import-credentials.ts';
import { CREDENTIALS } from '../api/list-credentials.ts';
import { commonOf, EMPTY_IMPORT, faultsOf, type ImportForm } from './import-form.ts';
import { readLines } from './import-lines.ts';
import { ImportRun } from './import-run.tsx';
import { useLongWork } from './use-long-work.ts';

/** Many refresh tokens or keys at once, one a line. They are in memory only, and gone when the dialog closes. */
export function ImportDialog({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  const { t } = useTranslation('credentials');
  return (
    <Dialog opened={opened} onClose={onClose} title={t('import.title')} size="xl" closeOnClickOutside={false}>
      <ImportSteps onClose={onClose} />
    </Dialog>
  );
}

function ImportSteps({ onClose }: { onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const run = useLongWork<ImportResult>(() => void queryClient.invalidateQueries({ queryKey: CREDENTIALS }));
  const [values, setValues] = useState(EMPTY_IMPORT);
  if (run.state === 'idle') {
    return (
      <ImportFields
        values={values}
        onCancel={onClose}
        onStart={(chosen, upstream) => {
          setValues(chosen);
          run.start(importWork(readLines(chosen.text).lines, commonOf({ ...chosen, upstream })));
        }}
      />
    );
  }
  return (
    <ImportRun
      run={run}
      upstream={values.upstream ?? ''}
      repeated={readLines(values.text).repeated}
      onAgain={(lines) => {
        setValues({ ...values, text: lines.join('\n') });
        run.reset();
      }}
      onClose={onClose}
    />
  );
}

function ImportFields(props: {
  values: ImportForm;
  onCancel: () => void;
  onStart: (values: ImportForm, upstream: string) => void;
}): ReactNode {
  const { t } = useTranslation(['credentials', 'common']);
  const form = useForm<ImportForm>({
    initialValues: props.values,
    validate: (values) =>
      Object.fromEntries(
        Object.entries(faultsOf(values)).map(([field, fault]) => [field, t(`import.faults.${fault}`)]),
      ),
  });
  const submit = form.onSubmit((values) => {
    if (values.upstream !== null) props.onStart(values, values.upstream);
  });
  const { lines } = readLines(form.values.text);
  return (
    <form onSubmit={submit} noValidate autoComplete="off">
      <Stack gap="md">
        <Text fz="sm" c="dimmed">
          {t('import.intro')}
        </Text>
        <SegmentedControl
          aria-label={t('import.what')}
          data={(['refreshTokens', 'secrets'] as const).map((what) => ({ value: what, label: t(`import.${what}`) }))}
          {...form.getInputProps('what')}
        />
        <Lines form={form} />
        <Belonging form={form} />
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onCancel}>
            {t('common:cancel')}
          </Button>
          <Button type="submit">
            {lines.length === 0 ? t('import.start') : t('import.startCount', { count: lines.length })}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Lines({ form }: { form: UseFormReturnType<ImportForm> }): ReactNode {
  const { t } = useTranslation('credentials');
  return (
    <Stack gap={6}>
      <Textarea
        label={t(`import.lines.${form.values.what}`)}
        description={t('import.linesHint')}
        data-autofocus
        autosize
        minRows={6}
        maxRows={12}
        spellCheck={false}
        autoComplete="off"
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
        {...form.getInputProps('text')}
      />
      <Group>
        <FileButton
          accept=".txt,.csv,text/plain"
          onChange={(file) => void file?.text().then((text) => form.setFieldValue('text', text))}
        >
          {(button) => (
            <Button variant="default" size="xs" leftSection={<Icon name="upload" size={15} />} {...button}>
              {t('import.chooseFile')}
            </Button>
          )}
        </FileButton>
      </Group>
    </Stack>
  );
}

/** Where they belong, and what they have in common. */
function Belonging({ form }: { form: UseFormReturnType<ImportForm> }): ReactNode {
  const { t } = useTranslation('credentials');
  const upstreams = useQuery(upstreamsQuery);
  const isOAuth = form.values.what === 'refreshTokens';
  const names = (upstreams.data ?? []).filter(({ oauth }) => !isOAuth || oauth !== null).map(({ name }) => name);
  const proxies = [
    ...(isOAuth ? [{ value: 'list', label: t('import.proxies.list') }] : []),
    { value: 'none', label: t('import.proxies.none') },
    { value: 'own', label: t('import.proxies.own') },
  ];
  const proxy = form.values.proxy === 'list' && !isOAuth ? 'none' : form.values.proxy;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Select
        label={t('upstream')}
        data={names}
        searchable
        nothingFoundMessage={t(isOAuth ? 'import.noOAuthUpstream' : 'import.noUpstream')}
        {...form.getInputProps('upstream')}
      />
      <TextInput label={t('import.tag')} maxLength={200} {...form.getInputProps('tag')} />
      {isOAuth ? (
        <TextInput
          label={t('import.clientId')}
          description={t('import.clientIdHint')}
          maxLength={500}
          {...form.getInputProps('clientId')}
        />
      ) : null}
      <Select
        label={t('import.proxy')}
        description={isOAuth ? t('import.proxyHint') : undefined}
        data={proxies}
        allowDeselect={false}
        {...form.getInputProps('proxy')}
        value={proxy}
      />
      {proxy === 'own' ? (
        <TextInput
          label={t('import.proxyUrl')}
          placeholder="socks5://user:password@proxy.example.com:1080"
          autoComplete="off"
          {...form.getInputProps('proxyUrl')}
        />
      ) : null}
    </SimpleGrid>
  );
}
