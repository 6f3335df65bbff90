/** Runs few things at a time. What nobody can take back comes before what may scroll out of sight. */
export class Queue {
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(private readonly most: number) {}

  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.running >= this.most) await this.turn(signal);
    else this.running++;
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }

  // Whoever ends hands the place on, so it is counted all along.
  private turn(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal) this.waiting.push(resolve);
      else this.waiting.unshift(resolve);
      signal?.addEventListener('abort', () => {
        const at = this.waiting.indexOf(resolve);
        if (at < 0) return;
        this.waiting.splice(at, 1);
        reject(signal.reason);
      }, { once: true });
    });
  }
}
