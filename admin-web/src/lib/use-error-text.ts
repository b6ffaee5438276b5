import { useTranslation } from 'react-i18next';
import { ApiError } from './api-client.ts';

/** Turns any failure into a sentence that says what to do; the server's own sentence where it has one. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
    if (error.code === 'unreachable') return t('error.unreachable');
    if (error.code === 'unexpected_answer') return t('error.unexpected', { detail: error.message });
    if (error.status === 403) return t('error.forbidden');
    if (error.status >= 500) return t('error.server', { detail: error.message });
    return error.message;
  };
}
