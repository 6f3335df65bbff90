import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../api/client';
import type { EditView } from '../api/types';
import { isHidden } from '../shell/hidden';
import { useSource } from './useSource';

/** The photo, and beside it how the model sees it by now; where that is known already, the photo alone. */
export function Learning({ view }: { view: EditView }) {
  const source = useSource(view.editId, view.from);
  const pictures = usePreviews(view);
  const { width, height } = view.source;
  const shape = { aspectRatio: `${width} / ${height}` };
  const newest = pictures.at(-1);
  const isLearning = (!view.from && !view.settings.sample.method) || newest !== undefined;
  return (
    <div class={source && isLearning ? 'learning' : 'learning alone'} style={{ '--aspect': `${width / height}` }}>
      {source && <figure><div class="picture-box" style={shape}><img src={source} alt="Your photo" /></div><figcaption class="soft small">Your photo</figcaption></figure>}
      {isLearning && <figure>
        <div class={newest ? 'picture-box' : 'picture-box waiting'} style={shape}>
          {pictures.map(({ url, name }) => <img key={name} class="fading" src={url} alt={name === newest!.name ? 'The photo as the model paints it by now' : ''} />)}
          {!newest && <p class="soft small">{view.state === 'queued' ? 'It begins when its turn comes' : 'The first look comes in a moment'}</p>}
        </div>
        <figcaption class="soft small">{newest ? 'As learnt by now' : 'What is learnt appears here'}</figcaption>
      </figure>}
    </div>
  );
}

interface Preview { name: string; url: string }

/** The newest preview over the one before: it fades in once it is there. */
function usePreviews(view: EditView): Preview[] {
  const [shown, setShown] = useState<Preview[]>([]);
  const asked = useRef<string | undefined>(undefined);
  const name = view.progress?.preview ?? view.beside?.preview;
  useEffect(() => {
    if (!name || asked.current === name || isHidden.value) return;
    asked.current = name;
    void (async () => {
      const { url } = await api.link(view.editId, name);
      const picture = new Image();
      picture.src = url;
      await picture.decode();
      if (asked.current === name) setShown(now => [...now.slice(-1), { name, url }]);
    })().catch(() => { /* The next one comes soon. */ });
  }, [name, isHidden.value]);
  return shown;
}
