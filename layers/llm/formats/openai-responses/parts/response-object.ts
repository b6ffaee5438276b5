import type { Json, JsonObject } from '../../../neutral/json.ts';
import type { ClientContext } from '../../codec.ts';

/** Whatever a client reads of a response besides its output; what it asked for is repeated. */
export interface ResponseFrame {
  id: string;
  /** JSON text of members before and after those that change while the response grows. */
  head: string;
  echo: string;
}

/** What the API says where the request does not. https://platform.openai.com/docs/api-reference/responses/object */
const DEFAULTS: Readonly<Record<string, Json>> = {
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  store: true,
  temperature: null,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: null,
  truncation: 'disabled',
  user: null,
};

export function createFrame({
  requestId,
  nowSeconds,
  model,
  requestBody,
}: Pick<ClientContext, 'requestId' | 'nowSeconds' | 'model' | 'requestBody'>): ResponseFrame {
  const id = `resp_${requestId}`;
  const asked = requestBody ?? {};
  const echo: JsonObject = {};
  for (const [key, value] of Object.entries(DEFAULTS)) echo[key] = asked[key] ?? value;
  return {
    id,
    head: `"id":"${id}","object":"response","created_at":${nowSeconds},"background":false,"model":${JSON.stringify(model)},`,
    echo: JSON.stringify(echo).slice(1),
  };
}

export interface ResponseStanding {
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  error: JsonObject | null;
  incompleteReason: string | null;
  completedAt: number | null;
  serviceTier: string | null;
  /** JSON texts of the items. */
  output: readonly string[];
  /** JSON text. */
  usage: string;
}

export const NOTHING_YET: ResponseStanding = {
  status: 'in_progress',
  error: null,
  incompleteReason: null,
  completedAt: null,
  serviceTier: null,
  output: [],
  usage: 'null',
};

/** The response as JSON text. */
export function writeResponse({ head, echo }: ResponseFrame, standing: ResponseStanding): string {
  const details = standing.incompleteReason === null ? null : { reason: standing.incompleteReason };
  return (
    `{${head}"status":"${standing.status}","completed_at":${standing.completedAt},` +
    `"error":${JSON.stringify(standing.error)},"incomplete_details":${JSON.stringify(details)},` +
    `"output":[${standing.output.join(',')}],"usage":${standing.usage},` +
    `"service_tier":${JSON.stringify(standing.serviceTier ?? 'default')},${echo}`
  );
}
