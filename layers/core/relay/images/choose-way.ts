import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import type { Exchange } from '../exchange.ts';
import type { Plan } from '../route.ts';
import { createChatDrawing, isDrawnConversation, type ChatDrawingDeps } from './chat-drawing.ts';
import { assertDraws, type Drawing } from './drawing.ts';

/**
 * Whether a request's answer is drawn, and what is known of it then; null: it goes the way of all others.
 * @throws GatewayError `invalid_model` where pictures are asked of a model that draws none
 */
export function chooseWay(
  deps: ChatDrawingDeps,
  exchange: Exchange,
  { asked, plan }: { asked: RequestFacts; plan: Plan },
): { drawing: Drawing | null; facts: RequestFacts } {
  const { codec } = exchange.format;
  if (exchange.drawing !== null) assertDraws(plan);
  else if (codec !== null && isDrawnConversation(exchange, plan)) {
    exchange.drawing = createChatDrawing(deps, { exchange, facts: asked, codec });
  }
  const { drawing } = exchange;
  if (drawing === null) return { drawing, facts: asked };
  return { drawing, facts: { ...asked, units: drawing.units, pictures: drawing.read().n } };
}
