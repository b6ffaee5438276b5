export const EFFORTS = ['none', 'low', 'medium', 'high'] as const;

/** How the model is asked; what is not given is left to it. */
export interface Parameters {
  temperature?: number | undefined;
  topP?: number | undefined;
  maxTokens?: number | undefined;
  effort?: (typeof EFFORTS)[number] | undefined;
}

/** As the API names them. */
export function fieldsOf({ temperature, topP, maxTokens, effort }: Parameters): Record<string, unknown> {
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(maxTokens === undefined ? {} : { max_completion_tokens: maxTokens }),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
  };
}
