import type { ReactNode } from 'react';
import { useFormat } from '../../../lib/use-format.ts';

/** A moment by now and by the clock. */
export function When({ time }: { time: string }): ReactNode {
  const format = useFormat();
  return (
    <time dateTime={time} title={format.dateTime(time)}>
      {`${format.age(time)} · ${format.shortDateTime(time)}`}
    </time>
  );
}
