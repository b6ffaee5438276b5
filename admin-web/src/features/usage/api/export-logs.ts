import { useMutation } from '@tanstack/react-query';
import { ApiError, queryString } from '../../../lib/api-client.ts';
import type { LogsQuestion } from '../log-question.ts';

export interface LogFile {
  text: string;
  /** More rows fit the question than the file has room for. */
  isCut: boolean;
}

/** The rows of a question as CSV. */
export function useExportLogs() {
  return useMutation({
    mutationFn: async (question: LogsQuestion): Promise<LogFile> => {
      const answer = await fetch(`/api/usage/logs.csv${queryString(question)}`).catch(() => null);
      if (answer === null) {
        throw new ApiError({ status: 0, code: 'unreachable', message: 'The gateway did not answer.' });
      }
      if (!answer.ok) {
        const { status } = answer;
        throw new ApiError({ status, code: `status_${status}`, message: `HTTP ${status}` });
      }
      return { text: await answer.text(), isCut: answer.headers.has('x-next-cursor') };
    },
  });
}
