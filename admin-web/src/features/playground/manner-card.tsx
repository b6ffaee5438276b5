import { Accordion, Anchor, Card, NumberInput, Select, SimpleGrid, Stack, Switch, Textarea } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { callableModelsQuery } from '../../lib/api/callable-models.ts';
import { EFFORTS, type Parameters } from './parameters.ts';
import type { Manner } from './use-conversation.ts';

/** What of the manner is chosen here, besides the model. */
export type Choices = Omit<Manner, 'apiKey' | 'model'>;

/** Where the card stands above the conversation (Mantine's `md`), and is to leave it room. */
const NARROW = '(max-width: 61.99em)';

const KINDS = ['chat', 'image', 'video'] as const;

/** Which model is asked, and how. */
export function MannerCard(props: {
  names: readonly string[];
  model: string;
  onModel: (model: string) => void;
  choices: Choices;
  onChoices: (choices: Choices) => void;
}): ReactNode {
  const { t } = useTranslation('playground');
  const { names, model, choices, onChoices } = props;
  const kindOf = useModelKind();
  const kind = kindOf(model);
  const phone = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false });
  return (
    <Card withBorder padding="md" component="section" aria-label={t('manner')}>
      <Stack gap="md">
        <Select
          label={t('model')}
          description={kind === 'chat' ? undefined : t(`kindHint.${kind}`)}
          inputWrapperOrder={['label', 'input', 'description']}
          allowDeselect={false}
          searchable
          data={KINDS.map((group) => ({
            group: t(`kinds.${group}`),
            items: names.filter((name) => kindOf(name) === group),
          })).filter(({ items }) => items.length > 0)}
          value={model}
          onChange={(name) => {
            if (name !== null) props.onModel(name);
          }}
        />
        <Accordion variant="contained" defaultValue={phone ? null : 'more'} styles={{ label: { fontSize: 14 } }}>
          <Accordion.Item value="more">
            <Accordion.Control>{t('parameters')}</Accordion.Control>
            <Accordion.Panel>
              <Stack gap="md">
                <Textarea
                  label={t('system')}
                  placeholder={t('systemPlaceholder')}
                  autosize
                  minRows={2}
                  maxRows={8}
                  value={choices.system}
                  onChange={(event) => onChoices({ ...choices, system: event.currentTarget.value })}
                />
                <Switch
                  label={t('tool')}
                  description={t('toolHint')}
                  checked={choices.offersTool}
                  onChange={(event) => onChoices({ ...choices, offersTool: event.currentTarget.checked })}
                />
                <ParameterFields
                  parameters={choices.parameters}
                  onParameters={(parameters) => onChoices({ ...choices, parameters })}
                />
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
        <Anchor fz="sm" renderRoot={(root) => <Link to="/connect" search={{ model }} {...root} />}>
          {t('code')}
        </Anchor>
      </Stack>
    </Card>
  );
}

function ParameterFields(props: { parameters: Parameters; onParameters: (parameters: Parameters) => void }): ReactNode {
  const { t } = useTranslation('playground');
  const { parameters, onParameters } = props;
  const number = (name: 'temperature' | 'topP' | 'maxTokens', limits: { min: number; max: number; step: number }) => (
    <NumberInput
      label={t(`fields.${name}`)}
      placeholder={t('fields.unset')}
      value={parameters[name] ?? ''}
      onChange={(value) => onParameters({ ...parameters, [name]: typeof value === 'number' ? value : undefined })}
      allowDecimal={limits.step < 1}
      {...limits}
    />
  );
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 1, lg: 2 }} spacing="sm">
      {number('temperature', { min: 0, max: 2, step: 0.1 })}
      {number('topP', { min: 0, max: 1, step: 0.05 })}
      {number('maxTokens', { min: 1, max: 1_000_000, step: 1 })}
      <Select
        label={t('fields.effort')}
        placeholder={t('fields.unset')}
        data={EFFORTS.map((effort) => ({ value: effort, label: t(`efforts.${effort}`) }))}
        value={parameters.effort ?? null}
        onChange={(chosen) => onParameters({ ...parameters, effort: EFFORTS.find((effort) => effort === chosen) })}
        clearable
        clearButtonProps={{ 'aria-label': t('fields.unset') }}
      />
    </SimpleGrid>
  );
}

/** What a model makes: words, unless it is known for pictures or films. */
export function useModelKind(): (name: string) => (typeof KINDS)[number] {
  const { data } = useQuery(callableModelsQuery);
  const classes = new Map(data?.map((model) => [model.name, model.class]));
  return (name) => {
    const found = classes.get(name);
    return found === 'image' || found === 'video' ? found : 'chat';
  };
}
