/** The relay ends every request by itself this long after its beginning. */
export const HARD_WALL_CLOCK_MS = 840_000;

/**
 * A request older than this is over, whatever became of its process: its request id is never admitted again, and what
 * it left open may be settled by others (architecture.md §4).
 */
export const ADMISSION_MARGIN_MS = HARD_WALL_CLOCK_MS + 5 * 60_000;

/**
 * Nothing is admitted to a minute's counter under an older id, so that an account which is used all the time does not
 * carry twenty minutes of them: each of its writes is paid by the item's size.
 */
export const MINUTE_MARGIN_MS = 3 * 60_000;
