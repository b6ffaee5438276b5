import { NumberInput, Select, SimpleGrid, Stack, TextInput, Title } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useMediaQuery } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../components/dialog.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { QueryView } from '../../components/query-view.tsx';
import type { Model } from '../../lib/api/models.ts';
import { upstreamsQuery, type Upstream } from '../../lib/api/upstreams.ts';
import { useSaveModel } from './api/save-model.ts';
import { faultsByField } from './field-faults.ts';
import { emptyModel, faultsOfModel, formOfModel, modelOf, type ModelForm } from './model-form.ts';
import { CLASSES } from './models-search.ts';
import { NoUpstreams } from './no-upstreams.tsx';
import { PriceSwitch } from './price-fields.tsx';
import { Refusal } from './refusal.tsx';
import { RoutesFields } from './routes-fields.tsx';

const PHONE = '(max-width: 47.99em)';

/** Makes a model, or changes one. */
export function ModelDialog(props: {
  model: Model | null;
  creating: boolean;
  /** Names that there are already. */
  taken: readonly string[];
  onMade: (name: string) => void;
  onClose: () => void;
  onUpstreams: () => void;
}): ReactNode {
  const { t } = useTranslation('models');
  const { model, creating, onClose } = props;
  const upstreams = useQuery(upstreamsQuery);
  const phone = useMediaQuery(PHONE, undefined, { getInitialValueInEffect: false });
  return (
    <Dialog
      opened={creating || model !== null}
      onClose={onClose}
      title={model ? t('editTitle', { name: model.name }) : t('createModel')}
      size="xl"
      fullScreen={phone}
      // A model is work: it is not lost to a stray click.
      closeOnClickOutside={false}
    >
      <QueryView query={upstreams}>
        {(rows) =>
          rows.length === 0 && model === null ? (
            <NoUpstreams onCreate={props.onUpstreams} />
          ) : (
            <ModelFields
              key={model?.name ?? ''}
              model={model}
              upstreams={rows}
              taken={model ? [] : props.taken}
              onSaved={model ? onClose : props.onMade}
              onCancel={onClose}
            />
          )
        }
      </QueryView>
    </Dialog>
  );
}

function ModelFields(props: {
  model: Model | null;
  upstreams: readonly Upstream[];
  taken: readonly string[];
  onSaved: (name: string) => void;
  onCancel: () => void;
}): ReactNode {
  const { t } = useTranslation('models');
  const { model, upstreams } = props;
  const save = useSaveModel();
  const only = upstreams.length === 1 ? upstreams[0]?.name : undefined;
  const form = useForm<ModelForm>({
    initialValues: model ? formOfModel(model) : emptyModel(only),
    validate: (values) =>
      Object.fromEntries(
        Object.entries(faultsOfModel(values, props.taken)).map(([path, fault]) => [path, t(`faults.${fault}`)]),
      ),
  });
  const submit = form.onSubmit((values) =>
    save.mutate(
      { name: values.name.trim(), model: modelOf(values) },
      {
        onSuccess: ({ name }) => {
          notifications.show({ color: 'green', message: t('saved', { name }) });
          props.onSaved(name);
        },
        onError: (error) => form.setErrors(faultsByField(error)),
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <MainFields form={form} isNew={model === null} />
        <RoutesFields form={form} upstreams={upstreams} />
        <Stack gap="sm" component="section" aria-label={t('modelPrice')}>
          <Title order={3} fz={16}>
            {t('modelPrice')}
          </Title>
          <PriceSwitch
            form={form}
            path=""
            label={t('hasPrice')}
            hint={t('hasPriceHint')}
            isOn={form.values.hasPrice}
            price={form.values.price}
          />
        </Stack>
        <Refusal error={save.error} />
        <FormActions
          submitLabel={t(model ? 'save' : 'createModel')}
          pending={save.isPending}
          onCancel={props.onCancel}
        />
      </Stack>
    </form>
  );
}

function MainFields({ form, isNew }: { form: UseFormReturnType<ModelForm>; isNew: boolean }): ReactNode {
  const { t } = useTranslation('models');
  return (
    <Stack gap="md">
      <TextInput
        label={t('publicName')}
        description={t('publicNameHint')}
        placeholder="gpt-5"
        disabled={!isNew}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        {...(isNew ? { 'data-autofocus': true } : {})}
        {...form.getInputProps('name')}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label={t('class')}
          description={t('classHint')}
          allowDeselect={false}
          data={CLASSES.map((name) => ({ value: name, label: t(`classes.${name}`) }))}
          {...form.getInputProps('class')}
        />
        <NumberInput
          label={t('maxOutputTokens')}
          description={t('maxOutputHint')}
          placeholder={t('unknown')}
          min={1}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator
          hideControls
          {...form.getInputProps('maxOutputTokens')}
        />
      </SimpleGrid>
    </Stack>
  );
}
