import type { EditView } from '../api/types';
import { overridesOf, samplingOf, sourceFileOf } from '../api/overrides';

// For a POSIX shell: nothing is special within single quotes.
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

const MaxId = 64;

/** The same edit once more, or the same pictures of the tuning that it samples, from a terminal. */
export function curlOf(view: EditView, address: string, withKey: boolean): string {
  const again = { targetText: view.settings.targetText, negativeText: view.settings.negativeText };
  const key = withKey ? ['-H "x-functions-key: $IMAGIC_KEY"'] : [];
  const lines = view.from
    ? [
      `curl -X POST ${quoted(`${address}/api/edits/${view.from}/samples`)}`, ...key,
      "-H 'Content-Type: application/json'",
      `-d ${quoted(JSON.stringify({ targetText: again.targetText, settings: { negativeText: again.negativeText, ...samplingOf(view.settings.sample) } }))}`,
    ]
    : [
      `curl -X PUT ${quoted(`${address}/api/edits/${view.editId.slice(0, MaxId - 6)}-again`)}`, ...key,
      `-F ${quoted(`picture=@"${sourceFileOf(view).replace(/[\\"]/g, '\\$&')}"`)}`,
      // As a string, whatever it begins with: -F would read a file for @ and <.
      `--form-string ${quoted(`targetText=${view.settings.targetText}`)}`,
      `--form-string ${quoted(`model=${view.model}`)}`,
      `--form-string ${quoted(`settings=${JSON.stringify(overridesOf(view))}`)}`,
    ];
  return lines.join(' \\\n  ');
}
