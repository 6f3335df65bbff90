import { signal } from '@preact/signals';
import { Dialog } from './Dialog';
import { hrefOf } from './route';

export const aboutIsOpen = signal(false);

export type KeyWords = [key: string, does: string];

/** What the screen that is shown adds to the keys. */
export const keysHere = signal<{ keys: KeyWords[]; hint: string } | null>(null);

const Keys: KeyWords[] = [['N', 'new edit'], ['G', 'gallery'], ['?', 'this list'], ['Esc', 'close a dialog']];

export function About() {
  if (!aboutIsOpen.value) return null;
  const close = () => { aboutIsOpen.value = false; };
  const here = keysHere.value;
  return (
    <Dialog title="About Imagic Studio, and its keys" onClose={close}>
      {here && <><h3>Keys to compare and choose</h3><KeyList keys={here.keys} /><p class="soft small">{here.hint}</p></>}
      <h3>{here ? 'Everywhere' : 'Keys'}</h3>
      <KeyList keys={Keys} />
      <h3>What happens</h3>
      <p>
        You give a photo and a sentence. Imagic learns your photo until it can paint it again from memory, then paints it once more with the
        sentence in mind: what the sentence speaks of changes, and the rest stays. Learning takes minutes, so several strengths and versions
        come out of it at once.
      </p>
      <p class="soft">
        Pictures go to the storage of whoever runs this page, and to nobody else. The method is{' '}
        <a href="https://arxiv.org/abs/2210.09276" rel="noreferrer" target="_blank">Imagic</a> (Kawar and others, 2022).
      </p>
      <p><a href={hrefOf({ screen: 'check' })} onClick={close}>Check whether a picture was edited here</a></p>
      <div class="dialog-buttons"><button class="button" autofocus onClick={close}>Close</button></div>
    </Dialog>
  );
}

const KeyList = ({ keys }: { keys: KeyWords[] }) => <dl class="keys">{keys.map(([key, does]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>)}</dl>;
