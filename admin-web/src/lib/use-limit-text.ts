import { useTranslation } from 'react-i18next';
import { kindOf, type Limit } from './limit-kind.ts';
import { useFormat } from './use-format.ts';

/** How a limit is called, and its figures written: money as money, all else as counts. */
export function useLimitText(): (limit: Pick<Limit, 'label'>) => { label: string; write: (figure: number) => string } {
  const { t } = useTranslation('usage');
  const format = useFormat();
  return (limit) => {
    const kind = kindOf(limit);
    return {
      label: kind ? t(`limitKinds.${kind.name}`) : limit.label,
      write: kind?.unit === 'micros' ? format.money : format.count,
    };
  };
}
