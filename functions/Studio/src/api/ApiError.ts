import type { ProblemDetails } from './types';

/** A refusal of the service, in its own words. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** Stable, for the page. */
    readonly code: string,
    /** For people: what was wrong and what to do. */
    readonly detail: string,
    readonly status: number,
    /** The member of the request that was wrong. */
    readonly member?: string,
    /** Seconds. */
    readonly retryAfter?: number,
  ) {
    super(detail);
  }

  static async of(answer: Response): Promise<ApiError> {
    const seconds = Number(answer.headers.get('retry-after') ?? NaN);
    const retryAfter = Number.isFinite(seconds) ? seconds : undefined;
    const problem = await problemOf(answer);
    return new ApiError(
      problem.code ?? `status-${answer.status}`, problem.detail ?? wordsOfStatus(answer.status), answer.status, problem.member, retryAfter);
  }
}

/** Anything that was thrown, for people. */
export const wordsOf = (error: unknown) => error instanceof Error ? error.message : String(error);

async function problemOf(answer: Response): Promise<Partial<ProblemDetails>> {
  if (!answer.headers.get('content-type')?.includes('json')) return {};
  return answer.json().catch(() => ({})) as Promise<Partial<ProblemDetails>>;
}

// What stands between the page and the service answers without a problem of its own.
function wordsOfStatus(status: number): string {
  if (status === 401) return 'The service wants a key.';
  if (status === 404) return 'The service does not know this address.';
  return status >= 500
    ? `The service has a problem at the moment (${status}). Try again in a minute.`
    : `The service refused the request (${status}).`;
}
