import { NumberInput, SimpleGrid } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelForm } from './model-form.ts';
import type { Part } from './price-parts.ts';
import { usePartText } from './use-part-text.ts';

/** What a part without a price of its own is paid as. */
const FALLBACKS: Partial<Record<Part, 'output' | 'text' | 'audio' | 'input'>> = {
  reasoningPerMillion: 'output',
  audioPerMillion: 'text',
  audioInputPerMillion: 'audio',
  audioOutputPerMillion: 'audio',
  imageInputPerMillion: 'input',
  imageOutputPerMillion: 'output',
};

/** Fields for some parts of a price. */
export function PartFields(props: {
  form: UseFormReturnType<ModelForm>;
  path: string;
  parts: readonly Part[];
  /** What an empty field means, where that is the same for all. */
  whenEmpty?: string;
}): ReactNode {
  const { t } = useTranslation('models');
  const text = usePartText();
  const placeholderOf = (part: Part): string => {
    const fallback = FALLBACKS[part];
    return props.whenEmpty ?? (fallback ? t(`asOther.${fallback}`) : '0');
  };
  return (
    <SimpleGrid cols={{ base: 2, sm: 3 }} spacing="sm">
      {props.parts.map((part) => (
        <NumberInput
          key={part}
          label={text.part(part)}
          description={text.unit(part)}
          placeholder={placeholderOf(part)}
          leftSection="$"
          min={0}
          decimalScale={6}
          allowNegative={false}
          hideControls
          {...props.form.getInputProps(`${props.path}.${part}`)}
        />
      ))}
    </SimpleGrid>
  );
}
