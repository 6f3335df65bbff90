/** An event of a stream of server-sent events, as the HTML standard defines them. */
export interface ServerEvent { id: string; type: string; data: string }

/** Reads events out of text that comes in pieces. */
export class EventReader {
  private rest = '';
  private id = '';
  private type = '';
  private data: string[] = [];

  read(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop()!;
    for (const line of lines) {
      if (line !== '') this.take(line);
      else {
        if (this.data.length > 0) events.push({ id: this.id, type: this.type || 'message', data: this.data.join('\n') });
        this.type = '';
        this.data = [];
      }
    }

    return events;
  }

  private take(line: string): void {
    const colon = line.indexOf(':');
    const [field, value] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
    if (field === 'id') this.id = value;
    else if (field === 'event') this.type = value;
    else if (field === 'data') this.data.push(value);
  }
}
