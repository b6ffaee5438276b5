/** Base64 that comes in pieces, cut anywhere. */
export interface Base64Decoder {
  push(text: string): Buffer;
  /** What is left of an end without padding. */
  end(): Buffer;
}

const QUANTUM = 4;
const NOT_BASE64 = /[^A-Za-z0-9+/=_-]/;
const ALL_NOT_BASE64 = /[^A-Za-z0-9+/=_-]/g;

/** Both alphabets; line ends and blanks are passed over. */
export function createBase64Decoder(): Base64Decoder {
  let carry = '';
  return {
    push(piece) {
      const clean = NOT_BASE64.test(piece) ? piece.replaceAll(ALL_NOT_BASE64, '') : piece;
      const text = carry === '' ? clean : carry + clean;
      const whole = text.length - (text.length % QUANTUM);
      carry = text.slice(whole);
      return Buffer.from(whole === text.length ? text : text.slice(0, whole), 'base64');
    },
    end() {
      const rest = Buffer.from(carry, 'base64');
      carry = '';
      return rest;
    },
  };
}
