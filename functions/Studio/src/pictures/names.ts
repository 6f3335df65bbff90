/** Where a picture stands: a version (seed) at a strength (η) and a freedom (blend s). */
export interface Place { seed: number; eta: number; blend: number }

/** Files of the results beside the pictures, as ResultManifest names them. */
export const ResultNames = { suggested: 'edited.png', source: 'source.png', grid: 'grid.png', report: 'report.html', record: 'edit.json' } as const;

// As ResultManifest.PictureStem writes it.
const Name = /^pictures\/seed(-?\d+)-eta(-?\d+(?:\.\d+)?)-blend(\d+(?:\.\d+)?)\.png$/;

/** Which picture a file of the results is; null of others. */
export function placeOf(name: string): Place | null {
  const parts = Name.exec(name);
  return parts && { seed: Number(parts[1]), eta: Number(parts[2]), blend: Number(parts[3]) };
}

/** A strength as people read it. */
export const inWords = (value: number) => value.toFixed(2);

/** The blend as people read it: 0 is what was learnt of the photo, 1 the model without it. */
export const freedomOf = (blend: number) => inWords(1 - blend);

const MaxSentence = 60;

/** Of a sentence what every file system takes. */
export function slug(sentence: string): string {
  const words = sentence.normalize('NFC').toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  let name = '';
  for (const word of words) {
    if (name.length + word.length >= MaxSentence) break;
    name += name ? `-${word}` : word;
  }

  return name || 'edit';
}

/** Name of the file that a person gets: sentence, version, strength, and the freedom where there are several. */
export function fileNameOf(sentence: string, { seed, eta, blend }: Place, blends: number): string {
  const freedom = blends > 1 ? `-freedom-${freedomOf(blend)}` : '';
  return `${slug(sentence)}-version-${seed}-strength-${inWords(eta)}${freedom}.png`;
}
