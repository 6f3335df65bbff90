interface Entry { blob: Blob; url: string | null }

/** Files by the hash of their content, the least lately used of which make room. */
export class BlobCache {
  private readonly entries = new Map<string, Entry>();
  private readonly loads = new Map<string, Promise<Blob>>();
  private bytes = 0;

  constructor(private readonly most: number) {}

  /** The file; loaded once, however many ask at a time. */
  blob(sha256: string, load: () => Promise<Blob>): Promise<Blob> {
    const entry = this.use(sha256);
    if (entry) return Promise.resolve(entry.blob);
    const running = this.loads.get(sha256);
    if (running) return running;
    const started = load().then(blob => {
      this.add(sha256, blob);
      return blob;
    }).finally(() => this.loads.delete(sha256));
    this.loads.set(sha256, started);
    return started;
  }

  /** An address of a file that is there. An img that has loaded it keeps its picture when the file makes room. */
  url(sha256: string): string | null {
    const entry = this.use(sha256);
    return entry ? entry.url ??= URL.createObjectURL(entry.blob) : null;
  }

  private use(sha256: string): Entry | undefined {
    const entry = this.entries.get(sha256);
    if (!entry) return undefined;
    this.entries.delete(sha256);
    this.entries.set(sha256, entry);
    return entry;
  }

  private add(sha256: string, blob: Blob): void {
    this.entries.set(sha256, { blob, url: null });
    this.bytes += blob.size;
    for (const [other, entry] of this.entries) {
      if (this.bytes <= this.most || other === sha256) break;
      this.entries.delete(other);
      this.bytes -= entry.blob.size;
      if (entry.url) URL.revokeObjectURL(entry.url);
    }
  }
}
