// What goes wrong, as exceptions.

/** Names of the engine's status numbers, as in include/tulle/tulle.h. */
const kCodes = [
  'OK', 'INVALID_FILE', 'UNSUPPORTED', 'INVALID_ARGUMENT', 'NOT_FOUND', 'OUT_OF_MEMORY', 'CANCELLED', 'DEADLINE',
  'RUNTIME', 'IO',
];

/** An error with a code: one of the engine's, 'TRAP' where the engine itself failed, or 'DISPOSED'. */
export class TulleError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{cause?: unknown}} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = 'TulleError';
    this.code = code;
  }
}

/** The error for a status number of the engine that is not 0. */
export const engineError = (status, message) => new TulleError(kCodes[status] ?? 'RUNTIME', message);

/** The error for a call that does not fit the model. */
export const invalid = (message) => new TulleError('INVALID_ARGUMENT', message);
