import { CallError } from './call-error.ts';
import { ModelMetrics } from './model-metrics.ts';

/** What every call of one model passes: it is counted, and refused at once where too many are under way. */
export class CallGate {
  readonly metrics = new ModelMetrics();
  readonly #name: string;
  readonly #underWayMax: number;

  constructor(name: string, underWayMax: number) {
    this.#name = name;
    this.#underWayMax = underWayMax;
  }

  /** Refused before anything of the call is read: a queue without end would answer nobody in time. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    const { metrics } = this;
    if (metrics.underWay >= this.#underWayMax) {
      metrics.ended('overloaded');
      throw new CallError(
        503,
        `model "${this.#name}" has ${this.#underWayMax} calls under way, which is as many as it takes: try again in a moment`,
        { 'retry-after': '1' },
      );
    }
    metrics.underWay++;
    try {
      const answer = await work();
      metrics.ended('answered');
      return answer;
    } catch (error) {
      metrics.ended(error instanceof CallError && error.status < 500 ? 'refused' : 'failed');
      throw error;
    } finally {
      metrics.underWay--;
    }
  }
}
