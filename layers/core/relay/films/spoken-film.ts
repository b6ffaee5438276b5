import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import type { Answer } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import type { Plan } from '../route.ts';

/** A film that is asked for in a conversation. */
export interface SpokenFilm {
  exchange: Exchange;
  facts: RequestFacts;
  plan: Plan;
  answer: Answer;
}

/** A conversation with a model that makes films. */
export function asksForFilm({ format }: Exchange, { model }: Plan): boolean {
  return model.class === 'video' && format.codec !== null;
}
