import type { App } from '../app.ts';
import { cut } from '../output/table.ts';

export const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const esc = String.fromCharCode(27);
export const terminal = {
  hideCursor: `${esc}[?25l`,
  showCursor: `${esc}[?25h`,
  up: (lines: number) => (lines > 0 ? `${esc}[${lines}A` : ''),
  clearDown: `\r${esc}[0J`,
};

/** Lines on stderr that are drawn again and again in place, and leave nothing behind but what is written at the end. */
export class LiveLines {
  readonly #app: App;
  readonly #draw: (frame: string) => readonly string[];
  readonly #timer: NodeJS.Timeout;
  #drawn = 0;
  #frame = 0;

  constructor(app: App, draw: (frame: string) => readonly string[]) {
    this.#app = app;
    this.#draw = draw;
    app.host.stderr.write(terminal.hideCursor);
    this.redraw();
    this.#timer = setInterval(() => this.redraw(), 120);
  }

  redraw(): void {
    const frame = frames[this.#frame++ % frames.length] ?? '';
    const width = this.#app.host.stderr.columns ?? 80;
    const lines = this.#draw(frame).map((line) => fitting(line, width - 1));
    this.#app.host.stderr.write(
      `${terminal.up(this.#drawn)}${terminal.clearDown}${lines.map((l) => `${l}\n`).join('')}`,
    );
    this.#drawn = lines.length;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#app.host.stderr.write(`${terminal.up(this.#drawn)}${terminal.clearDown}${terminal.showCursor}`);
  }
}

/** A line that wraps would break the count of lines to go up. Colours take no room, and are closed where the text is cut. */
export function fitting(line: string, width: number): string {
  const plain = line.replace(sgr, '');
  const kept = cut(plain, width);
  if (kept === plain) return line;
  let room = kept.length - 1;
  const pieces = line.split(sgr).map((piece, i) => {
    if (i % 2 === 1) return piece;
    const shown = piece.slice(0, room);
    room -= shown.length;
    return shown;
  });
  return `${pieces.join('')}…`;
}
const sgr = new RegExp(`(${esc}\\[[0-9;]*m)`, 'g');
