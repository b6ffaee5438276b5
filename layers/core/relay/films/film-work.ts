import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { VideoRequest } from '@sluice/llm/videos/video';
import type { FilmState } from './film-state.ts';

/** A request for a film on its way to whoever takes it on. */
export interface FilmWork {
  request: VideoRequest;
  /**
   * Right after an upstream has taken it on: the film's job goes on with it.
   * @returns what the client is told; an error where the job could not be told, so that the film is lost
   */
  handOver(state: FilmState): Promise<Buffer | GatewayError>;
}
