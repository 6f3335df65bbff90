import { useState } from 'preact/hooks';
import { wordsOf } from '../api/ApiError';
import { functionKey } from '../api/key';
import { freedomOf, ResultNames } from '../pictures/names';
import { count, duration } from '../shell/words';
import { secondsSpent, StageNames } from '../watch/progress';
import type { ChooseState } from './chooseState';
import { csharpOf } from './csharp';
import { curlOf } from './curl';
import { Downloads } from './Downloads';

/** What most do not need: everything in one file, how to do it by program, and every number. */
export function Details({ state, hashes }: { state: ChooseState; hashes: ReadonlyMap<string, string> }) {
  const { view, files } = state;
  const { settings } = view;
  const cell = state.cell.value;
  const hash = hashes.get(cell.name);
  const [problem, setProblem] = useState<string | null>(null);

  // Opened at once, since a page may open a tab only when somebody presses something.
  async function report(event: Event) {
    event.preventDefault();
    const tab = open('about:blank');
    try {
      const address = await files.address(ResultNames.report);
      if (!tab) throw new Error('The browser does not let this page open another one. Allow it, then try again.');
      tab.opener = null;
      tab.location.href = address;
    } catch (error) {
      tab?.close();
      setProblem(wordsOf(error));
    }
  }

  const rows: [string, string][] = [
    ['Model', view.model],
    ['Recipe', settings.profile],
    ...(settings.negativeText ? [['Kept out', settings.negativeText] as [string, string]] : []),
    ['Photo', `${view.source.name}, ${view.source.width} × ${view.source.height}`],
    ['Versions (seeds)', settings.sample.seeds.join(', ')],
    ['Strengths (η)', settings.sample.etas.join(', ')],
    ...(settings.sample.method ? [] : [['Freedom (1 − blend s)', settings.sample.blends.map(freedomOf).join(', ')] as [string, string]]),
    ['Steps', `${settings.sample.steps}, ${settings.sample.scheduler}, guidance ${settings.sample.guidance}`],
    settings.sample.method
      ? ['Learning', `none: a quick look by ${settings.sample.method === 'sdedit' ? 'SDEdit' : 'DDIB'}`]
      : ['Learning', `${settings.optimize.steps} steps at ${settings.optimize.learningRate}, then ${settings.fineTune.steps} at ${settings.fineTune.learningRate}`],
    ...view.stages.filter(stage => stage.seconds > 0).map(stage => [StageNames[stage.stage], duration(stage.seconds)] as [string, string]),
    ...(view.cost ? [['Cost', `${duration(secondsSpent(view))} of computing (${count(view.cost.used)} passes of the model)`] as [string, string]] : []),
    ...(view.resumes > 0 ? [['Interrupted', `${view.resumes} times, and gone on from where it was`] as [string, string]] : []),
    ['Edit', view.editId],
    ['Photo SHA-256', view.source.sha256],
    ...(hash ? [['Picture SHA-256', hash] as [string, string]] : []),
  ];
  return (
    <div class="details">
      <details class="more">
        <summary>Download all or the starred</summary>
        <Downloads state={state} names={new Set(hashes.keys())} />
      </details>
      <details class="more">
        <summary>Do it by program</summary>
        <div class="row">
          <Copy label="Copy as curl" text={() => curlOf(view, location.origin, functionKey() !== null)} />
          <Copy label="Copy as C#" text={() => csharpOf(view, location.origin, functionKey() !== null, cell)} />
        </div>
      </details>
      <details class="more">
        <summary>Details</summary>
        <dl class="facts">{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
        {hashes.has(ResultNames.report) && <p><a href="#report" onClick={report}>The whole report</a> <span class="soft">(losses, all settings; in a new tab)</span></p>}
        {problem && <p class="problem" role="alert">{problem}</p>}
      </details>
    </div>
  );
}

function Copy({ label, text }: { label: string; text: () => string }) {
  const [shown, setShown] = useState<string | null>(null);
  const [isCopied, setCopied] = useState(false);
  return (
    <>
      <button type="button" class="button" onClick={async () => {
        const copied = text();
        setShown(copied);
        // Refused without a secure context: then it can be selected.
        setCopied(await navigator.clipboard?.writeText(copied).then(() => true, () => false) ?? false);
        setTimeout(() => setCopied(false), 3000);
      }}>{isCopied ? 'Copied' : label}</button>
      {shown !== null && <pre class="snippet" tabIndex={0} role="region" aria-label={label}>{shown}</pre>}
      <span class="visually-hidden" role="status">{isCopied && `${label}: copied`}</span>
    </>
  );
}
