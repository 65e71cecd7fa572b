/** Answers of the page's server that refuse something, each with a sentence for the person. */

/** Thrown where a request is refused; the server answers with its status and sentence. */
export class Refusal extends Error {
  /** The HTTP status. */
  readonly status: RefusalStatus;

  /** @param status the HTTP status @param message one sentence with the next step */
  constructor(status: RefusalStatus, message: string) {
    super(message);
    this.name = "Refusal";
    this.status = status;
  }
}

/** The HTTP statuses of refusals. */
export type RefusalStatus = 400 | 403 | 404 | 405 | 408 | 413 | 414 | 415 | 422 | 502 | 503;
