import { useTranslation } from 'react-i18next';

const SECTIONS = [
  'upstreams',
  'credentials',
  'models',
  'keys',
  'users',
  'plans',
  'alertRules',
  'machineSecrets',
  'settings',
] as const;

/** What people call a section of the document. */
export function useSectionName(): (section: string) => string {
  const { t } = useTranslation('import');
  return (section) => {
    const known = SECTIONS.find((name) => name.toLowerCase() === section.toLowerCase().replaceAll('-', ''));
    return known === undefined ? section : t(`sections.${known}`);
  };
}
