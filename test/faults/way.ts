import type { Stage } from './stage.ts';
import type { World } from './world.ts';

/** Something that several processes of the control plane do at once, and what must be true of it. */
export interface Way {
  /** As the scenario finds it; nothing goes wrong yet. */
  prepare(stage: Stage): Promise<void>;
  begin(stage: Stage, add: (action: Parameters<World['add']>[0], afterMs: number) => void): void;
  /** After each write that was applied to an item of this partition; tells what it broke. */
  wrote(stage: Stage, partition: string): Promise<string[]>;
  /** When everything has come to rest. */
  check(stage: Stage): Promise<string[]>;
}
