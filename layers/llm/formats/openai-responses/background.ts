import { isJsonObject, type JsonObject } from '../../neutral/json.ts';
import { createFrame, NOTHING_YET, writeResponse } from './parts/response-object.ts';

/** A response that is made in the background, before there is one. */
export interface BackgroundStanding {
  id: string;
  /** Milliseconds. */
  createdAt: number;
  completedAt: number | null;
  model: string;
  /** What was asked for; it is repeated. */
  requestBody: JsonObject;
  status: 'queued' | 'in_progress' | 'failed' | 'cancelled';
  error: { code: string; message: string } | null;
}

/** https://platform.openai.com/docs/guides/background */
export function describeBackground(standing: BackgroundStanding): JsonObject {
  const { id, createdAt, completedAt, model, requestBody, status, error } = standing;
  const frame = createFrame({ requestId: id, nowSeconds: Math.floor(createdAt / 1000), model, requestBody });
  const response = JSON.parse(writeResponse(frame, NOTHING_YET)) as JsonObject;
  return {
    ...response,
    id,
    background: true,
    status,
    completed_at: completedAt === null ? null : Math.floor(completedAt / 1000),
    error,
  };
}

/** A response that is there, under the id that its client knows; null where the text is none. */
export function asBackground(text: string, id: string): JsonObject | null {
  const response = parse(text);
  return response && { ...response, id, background: true, store: true };
}

function parse(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
