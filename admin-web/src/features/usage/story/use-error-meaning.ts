import { useTranslation } from 'react-i18next';

/** Codes that a request ends with often enough to be explained; of the others the status tells the side. */
const EXPLAINED = [
  'bad_request',
  'invalid_field',
  'content_policy_violation',
  'model_not_found',
  'model_not_allowed',
  'rate_limit_exceeded',
  'daily_quota_exceeded',
  'insufficient_quota',
  'body_too_large',
  'request_timeout',
  'internal_error',
  'upstream_error',
  'upstream_unreachable',
  'upstream_credential_refused',
  'upstream_cut',
  'upstream_timeout',
  'upstream_address_refused',
  'no_credential',
  'store_unavailable',
] as const;

/** What a code of an error says to people. */
export function useErrorMeaning(): (code: string | null, status: number) => string {
  const { t } = useTranslation('usage');
  return (code, status) => {
    const known = EXPLAINED.find((one) => one === code);
    if (known) return t(`errors.${known}`);
    if (status === 499) return t('errors.left');
    return t(status >= 500 || status < 400 ? 'errors.ourSide' : 'errors.clientSide');
  };
}
