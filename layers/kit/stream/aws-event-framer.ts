import { createAwsFrameReader, type AwsEventFrame } from './aws-event-stream.ts';
import type { EventFramer } from './sse-framing.ts';

/**
 * Frames of `application/vnd.amazon.eventstream` as the server-sent events that they amount to: the frame's event type
 * names the event, its payload is the data. An exception is an event of its type.
 * @param options.wrapped each payload holds an event of another language, `{"bytes": "<base64 of JSON>"}`, and that is
 *   what comes out, named by its `type` (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html);
 *   an exception becomes `{"type": "error", "error": {"type", "message"}}`
 */
export function createAwsEventFramer(options: { wrapped: boolean; maxFrameBytes?: number }): EventFramer {
  const reader = createAwsFrameReader(options);
  return {
    push(chunk) {
      const frames = reader.push(chunk);
      if (frames.length === 0) return null;
      const events = frames.map((frame) => Buffer.from(options.wrapped ? unwrap(frame) : eventOf(frame)));
      let end = 0;
      return { bytes: Buffer.concat(events), ends: events.map((event) => (end += event.length)) };
    },
    rest: () => reader.rest(),
  };
}

function eventOf(frame: AwsEventFrame): string {
  const fault = faultOf(frame);
  if (fault) return sse(fault.type, fault.payload);
  return sse(textOf(frame, ':event-type') || 'message', frame.payload.toString('utf8'));
}

/** `exception` is one that the service's model knows, `error` any other. */
function faultOf(frame: AwsEventFrame): { type: string; payload: string } | null {
  const kind = textOf(frame, ':message-type');
  if (kind === 'exception') {
    return { type: textOf(frame, ':exception-type') || 'exception', payload: frame.payload.toString('utf8') };
  }
  if (kind !== 'error') return null;
  const payload = JSON.stringify({ message: textOf(frame, ':error-message') });
  return { type: textOf(frame, ':error-code') || 'error', payload };
}

function textOf({ headers }: AwsEventFrame, name: string): string {
  const value = headers.get(name);
  return typeof value === 'string' ? value : '';
}

function unwrap(frame: AwsEventFrame): string {
  const fault = faultOf(frame);
  if (fault) {
    const { message } = membersOf(fault.payload);
    const error = { type: fault.type, message: typeof message === 'string' ? message : fault.type };
    return sse('error', JSON.stringify({ type: 'error', error }));
  }
  const { bytes } = membersOf(frame.payload.toString('utf8'));
  const data = typeof bytes === 'string' ? Buffer.from(bytes, 'base64').toString('utf8') : '{}';
  const { type } = membersOf(data);
  return sse(typeof type === 'string' ? type : 'message', data);
}

function membersOf(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A line end in JSON is white space, and in an event the end of the data. */
function sse(event: string, json: string): string {
  return `event: ${oneLine(event)}\ndata: ${oneLine(json)}\n\n`;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}
