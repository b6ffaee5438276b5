import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import { commonHeaders, type AnswerDeps } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import { createPaddedSink } from '../padded-sink.ts';
import type { Plan } from '../route.ts';
import { createChatDrawing, isDrawnConversation, UNITS_PER_PICTURE, type ChatDrawingDeps } from './chat-drawing.ts';
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
  if (drawing === null) return { drawing, facts: inUnits(exchange, { asked, plan }) };
  return { drawing, facts: { ...asked, units: drawing.units, pictures: drawing.read().n } };
}

/** Gemini's clients ask its models for pictures in its own way; all others do so in a conversation. */
function inUnits({ format }: Exchange, { asked, plan }: { asked: RequestFacts; plan: Plan }): RequestFacts {
  if (plan.model.class !== 'image' || format.codec === null || format.name === 'gemini') return asked;
  return { ...asked, units: asked.choices * UNITS_PER_PICTURE };
}

/** Conversations are answered soon, but for those that are drawn. */
function pad({ scheduler, buildId }: WayDeps, exchange: Exchange): void {
  exchange.sink = createPaddedSink(exchange.sink, scheduler, () =>
    commonHeaders(exchange, buildId, scheduler.monotonicMs()),
  );
}
