import { randomBytes } from 'node:crypto';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { VideoDriver } from '@sluice/llm/videos/driver';
import { VIDEO_DRIVERS } from '@sluice/llm/videos/drivers';
import type { Candidate } from '../candidates.ts';
import type { Exchange } from '../exchange.ts';
import type { Interpreter, Pass } from '../interpreter.ts';
import { createCallWarnings } from '../warnings.ts';
import type { FilmWork } from './film-work.ts';
import { passFilm } from './pass-film.ts';

const BOUNDARY_BYTES = 18;

/** Asks candidate after candidate for a film; the first that takes it on is handed over to the film's job. */
export function createFilmInterpreter(exchange: Exchange, work: FilmWork): Interpreter {
  const warnings = createCallWarnings(exchange);
  return {
    speakTo(candidate) {
      const driver = driverOf(candidate);
      const warn = warnings.begin();
      const boundary = randomBytes(BOUNDARY_BYTES).toString('hex');
      const pass: Pass = (passage) => passFilm(exchange, work, { driver, passage });
      return {
        isSame: false,
        operation: 'video-create',
        ...driver.encodeCreate(work.request, { model: candidate.model, warn, boundary }),
        pass,
        createStreamTap: noOther,
        convertWhole: noOther,
      };
    },
    tellInputTokens: () => undefined,
    encodeFor: noOther,
  };
}

/** @throws GatewayError `invalid_model` */
export function driverOf({ address, model }: Candidate): VideoDriver {
  if (address.videos !== undefined) return VIDEO_DRIVERS[address.videos];
  throw makesNoFilms(model);
}

export function makesNoFilms(model: string): GatewayError {
  return new GatewayError('invalid_model', { message: `The model '${model}' makes no films.`, param: 'model' });
}

function noOther(): never {
  throw new Error('Films are passed on in one way only');
}
