import { useTranslation } from 'react-i18next';

const FIELDS = [
  'name',
  'secret',
  'refreshToken',
  'region',
  'headers',
  'priority',
  'weight',
  'tag',
  'email',
  'bizId',
  'clientId',
  'memo',
  'proxyUrl',
  'tokenUrl',
  'authorizeUrl',
  'clientSecret',
  'redirectUri',
  'scope',
] as const;

/** What to write into fields that are not as they should be. */
export function useFaultTexts(): (faulty: ReadonlySet<string>) => Record<string, string> {
  const { t } = useTranslation('credential');
  return (faulty) =>
    Object.fromEntries(FIELDS.filter((field) => faulty.has(field)).map((field) => [field, t(`faults.${field}`)]));
}
