import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import { commonHeaders, type AnswerDeps } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import { createPaddedSink } from '../padded-sink.ts';
import type { Plan } from '../route.ts';
import { createChatDrawing, isDrawnConversation, type ChatDrawingDeps } from './chat-drawing.ts';
import { assertDraws, type Drawing } from './drawing.ts';

export type WayDeps = ChatDrawingDeps & Pick<AnswerDeps, 'buildId' | 'scheduler'>;

/**
 * Whether a request's answer is drawn, and what is known of it then; null: it goes the way of all others.
 * @throws GatewayError `invalid_model` where pictures are asked of a model that draws none
 */
export function chooseWay(
  deps: WayDeps,
  exchange: Exchange,
  { asked, plan }: { asked: RequestFacts; plan: Plan },
): { drawing: Drawing | null; facts: RequestFacts } {
  const { codec } = exchange.format;
  if (exchange.drawing !== null) assertDraws(plan);
  else if (codec !== null && isDrawnConversation(exchange, plan)) {
    exchange.drawing = createChatDrawing(deps, { exchange, facts: asked, codec });
    if (!asked.stream && exchange.run === null) pad(deps, exchange);
  }
  const { drawing } = exchange;
  if (drawing === null) return { drawing, facts: asked };
  return { drawing, facts: { ...asked, units: drawing.units, pictures: drawing.read().n } };
}

/** Conversations are answered soon, but for those that are drawn. */
function pad({ scheduler, buildId }: WayDeps, exchange: Exchange): void {
  exchange.sink = createPaddedSink(exchange.sink, scheduler, () =>
    commonHeaders(exchange, buildId, scheduler.monotonicMs()),
  );
}
