/**
 * Why a parameter disappeared or changed on its way to an upstream of another language. Warnings are data: they travel
 * in `x-sluice-warnings` and in the log, and never carry content of a request.
 */
export const WARNING_CODES = {
  /** The target has no such thing; the call goes on without it. */
  dropped: 'has no counterpart in the upstream’s format and was left out',
  /** Steers another vendor's machinery and nothing else. */
  'vendor-only': 'only steers another vendor’s machinery and was left out',
  /** Brought into the target's range. */
  clamped: 'was brought into the range that the upstream accepts',
  /** Said in another way that is not quite the same. */
  approximated: 'is expressed by the nearest thing that the upstream knows',
  /** Reasoning of another origin, without a place there. */
  'foreign-reasoning': 'is reasoning of another upstream and was not sent',
  /** A reasoning carrier that is not ours or was changed. */
  'forged-carrier': 'is a reasoning carrier that was not issued here and was not sent',
  /** A broken pair of tool call and result, put right. */
  repaired: 'was put right, because the upstream would refuse it as it was',
  /** Counted or estimated in place of what nobody reported. */
  estimated: 'is an estimate',
} as const;

export type WarningCode = keyof typeof WARNING_CODES;

export interface Warning {
  code: WarningCode;
  /** Path of the field in the client's request or of the answer's part: `tools[3]`, `temperature`. */
  field: string;
}

/** Told at most once per code and field. */
export type Warn = (code: WarningCode, field: string) => void;
