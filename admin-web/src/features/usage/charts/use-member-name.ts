import { useTranslation } from 'react-i18next';
import type { Grouping } from '../usage-search.ts';

/** What people call a member of a grouping; keys and users by name while they are still there. */
export function useMemberName(by: Grouping): (member: { id: string; name: string | null }) => string {
  const { t } = useTranslation('usage');
  return ({ id, name }) => {
    if (name !== null) return name;
    if (id !== '') return id;
    return by === 'key' ? t('keysGone') : t('notSaid');
  };
}
