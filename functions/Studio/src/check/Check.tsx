import { useRef } from 'preact/hooks';
import type { MarkCertainty, MarkFinding, MarkLayer, MarksReport } from '../api/types';
import { useUrl } from '../pictures/useUrl';
import { Icon } from '../shell/Icon';
import { check, checked } from './checking';
import './check.css';

const Layers: Record<MarkLayer, string> = {
  'content-credentials': 'Content Credentials', xmp: 'A note in the file', settings: 'The settings of an edit', watermark: 'Invisible watermark',
};

const Certainties: Record<MarkCertainty, string> = { signed: 'signed', broken: 'does not hold', measured: 'measured', claimed: 'unproven' };

/** Where a picture is from, as far as its marks tell. */
export function Check() {
  const chooser = useRef<HTMLInputElement>(null);
  const now = checked.value;
  const url = useUrl(now.is === 'nothing' ? undefined : now.file);
  return (
    <div class="check">
      <header>
        <h1>Was this picture made with AI?</h1>
        <p class="soft">Pictures that are edited here carry marks that say so. Give a picture to look for them. It is looked at and not kept.</p>
      </header>
      <input
        ref={chooser} class="visually-hidden" type="file" accept="image/*,.tif,.tiff" tabIndex={-1} aria-label="Picture to check"
        onChange={event => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = '';
          if (file) void check(file);
        }}
      />
      <button type="button" class="check-drop" onClick={() => chooser.current!.click()}>
        <Icon name="photo" />
        <span class="button primary">{now.is === 'nothing' ? 'Choose a picture' : 'Another picture'}</span>
        <span class="soft">or drop it anywhere on this page, or paste it</span>
      </button>
      <div role="status">
        {now.is === 'busy' && <p class="soft">Looking at “{now.file.name}”…</p>}
        {now.is === 'checked' && <Marks file={now.file} url={url} marks={now.marks} />}
      </div>
      <p class="problem" role="alert">{now.is === 'wrong' && <>“{now.file.name}” could not be checked. {now.words}</>}</p>
    </div>
  );
}

function Marks({ file, url, marks }: { file: File; url: string | null | undefined; marks: MarksReport }) {
  return (
    <section class="card check-answer" aria-label="What was found">
      {url && <img src={url} alt="The picture that was checked" />}
      <div>
        <h2>{marks.summary}</h2>
        <p class="soft small">“{file.name}”, {marks.format}, {marks.width} × {marks.height} pixels</p>
        <ul>{marks.findings.map(finding => <Finding key={finding.layer} finding={finding} />)}</ul>
      </div>
    </section>
  );
}

const Finding = ({ finding }: { finding: MarkFinding }) => (
  <li>
    <h3>{Layers[finding.layer]} <span class={`certainty ${finding.certainty}`}>{Certainties[finding.certainty]}</span></h3>
    <p>{finding.says}</p>
    {finding.signer && <p class="soft small">Signed by {finding.signer}{finding.time && `, ${new Date(finding.time).toLocaleString()} as it says`}</p>}
    {finding.problems.map(problem => <p key={problem} class="soft small">{problem}</p>)}
  </li>
);
