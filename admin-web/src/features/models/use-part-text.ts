import { useTranslation } from 'react-i18next';
import { useFormat } from '../../lib/use-format.ts';
import { PIECES, type Part, type PriceChange } from './price-parts.ts';

export interface PartText {
  /** What is paid for: `Cache reads`. */
  part(part: Part): string;
  /** For how much of it: `per million tokens`. */
  unit(part: Part): string;
  /** `Output above 200,000 tokens` */
  place(change: Pick<PriceChange, 'part' | 'above'>): string;
  /** `$10.00 → $12.00` */
  change(change: PriceChange): string;
}

/** Parts of prices and what becomes of them, in the language in use. */
export function usePartText(): PartText {
  const { t } = useTranslation('models');
  const format = useFormat();
  const part = (name: Part): string => t(`parts.${name}`);
  const dollars = (amount: number | null): string => (amount === null ? t('nothing') : format.dollars(amount));
  return {
    part,
    unit: (name) => t(PIECES.some((piece) => piece === name) ? 'each' : 'perMillion'),
    place: ({ part: name, above }) =>
      above === null ? part(name) : t('partAbove', { part: part(name), tokens: format.count(above) }),
    change: ({ before, after }) => `${dollars(before)} → ${dollars(after)}`,
  };
}
