import type { CSSProperties } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { EditFiles } from '../pictures/EditFiles';
import { ResultNames } from '../pictures/names';
import { usePicture, type Loaded } from '../pictures/usePicture';
import { listen } from './gestures';
import { ViewerBar, ZoomButtons } from './ViewerBar';
import type { ViewerState } from './viewerState';
import { FadeSlider, WipeHandle } from './WipeHandle';
import { boxOf, CrispFrom, seen, type Box } from './zoom';
import './viewer.css';

interface Props {
  viewer: ViewerState;
  files: EditFiles;
  /** Null where the picture is withheld. */
  name: string | null;
  description: string;
}

/** The original against the edit. */
export function Viewer({ viewer, files, name, description }: Props) {
  const stage = useRef<HTMLDivElement>(null);
  const source = usePicture(files, ResultNames.source);
  const result = usePicture(files, name);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => viewer.resize({ width: stage.current!.clientWidth, height: stage.current!.clientHeight }));
    observer.observe(stage.current!);
    const stop = listen(stage.current!, viewer);
    return () => { observer.disconnect(); stop(); };
  }, [viewer]);
  useLayoutEffect(() => { if (source.loaded) viewer.picture.value = source.loaded; }, [viewer, source.loaded]);

  const problem = source.error ?? result.error;
  const isLoading = !problem && name !== null && result.loaded?.name !== name;
  return (
    <section class="viewer" aria-label="Original and edit">
      <div
        ref={stage} class={`viewer-stage ${viewer.view.value.zoom > 1 ? 'zoomed' : ''}`} tabIndex={0} role="group"
        aria-label={`${description}, beside the original`} aria-busy={isLoading}
      >
        {source.loaded && <Panes viewer={viewer} source={source.loaded} result={name === null ? null : result.loaded} description={description} />}
        {name === null && <p class="veil">This picture is withheld: the model’s safety check took it for unfit to be shown. Another version or strength may be fine.</p>}
        {problem && <p class="veil" role="alert">{problem} <button class="button" onClick={() => { source.retry(); result.retry(); }}>Try again</button></p>}
        {isLoading && <span class="loading" aria-hidden="true" />}
        <ZoomButtons viewer={viewer} />
      </div>
      <ViewerBar viewer={viewer} />
    </section>
  );
}

interface PanesProps { viewer: ViewerState; source: Loaded; result: Loaded | null; description: string }

function Panes({ viewer, source, result, description }: PanesProps) {
  const { picture, pane, view, mode, wipe, fade, isHeld } = viewer;
  const exact = boxOf(view.value, picture.value, pane.value);
  // A pixel that the edges cover in part would show as a difference.
  const box = mode.value === 'difference' ? rounded(exact) : exact;
  const { from, to } = seen(box, pane.value);
  const divider = from + wipe.value * (to - from);
  const original = <div class="layer"><Shown {...source} box={box} alt="The original" /></div>;
  const edit = (style: CSSProperties) => result && !isHeld.value && (
    <div class="layer" style={style}><Crossfade picture={result} box={box} alt={description} /></div>
  );
  const tag = (text: string, end = false) => <span class={`tag ${end ? 'end' : ''}`} aria-hidden="true">{text}</span>;
  if (isHeld.value) return <div class="pane">{original}{tag('Original')}</div>;
  switch (mode.value) {
    case 'wipe': return (
      <div class="pane">
        {original}{edit({ clipPath: `inset(0 0 0 ${divider}px)` })}
        {tag('Original')}{tag('Edit', true)}
        <WipeHandle viewer={viewer} divider={divider} from={from} to={to} />
      </div>
    );
    case 'fade': return <div class="pane">{original}{edit({ opacity: fade.value })}<FadeSlider viewer={viewer} /></div>;
    // By CSS: |original − edit| of each colour; the pane is a group of its own, so nothing behind it takes part.
    case 'difference': return <div class="pane"><div class="layer difference">{original}{edit({ mixBlendMode: 'difference' })}</div><p class="tag">Bright: what has changed</p></div>;
    case 'beside': return (
      <div class={`beside ${viewer.split.value.column ? 'column' : ''}`}>
        <div class="pane">{original}{tag('Original')}</div>
        <div class="pane">{edit({})}{tag('Edit')}</div>
      </div>
    );
  }
}

const rounded = ({ left, top, width, height }: Box): Box =>
  ({ left: Math.round(left), top: Math.round(top), width: Math.round(width), height: Math.round(height) });

interface ShownProps { url: string; width: number; height: number; box: Box; alt: string; class?: string }

function Shown({ url, width, height, box, alt, class: name = '' }: ShownProps) {
  const scale = box.width / width;
  const style = { width: `${width}px`, height: `${height}px`, transform: `translate(${box.left}px, ${box.top}px) scale(${scale}, ${box.height / height})` };
  return <img class={`${scale >= CrispFrom ? 'crisp' : ''} ${name}`} src={url} alt={alt} style={style} draggable={false} />;
}

const FadeTime = 120;

/** The next picture appears over the one before. */
function Crossfade({ picture, box, alt }: { picture: Loaded; box: Box; alt: string }) {
  const [before, setBefore] = useState<Loaded | null>(null);
  const last = useRef(picture);
  useEffect(() => {
    if (last.current.url === picture.url) return undefined;
    setBefore(last.current);
    last.current = picture;
    const timer = setTimeout(() => setBefore(null), FadeTime);
    return () => clearTimeout(timer);
  }, [picture]);
  const under = last.current.url === picture.url ? before : last.current;
  return (
    <>
      {under && under.url !== picture.url && <Shown key={under.url} {...under} box={box} alt="" />}
      <Shown key={picture.url} {...picture} box={box} alt={alt} class={under ? 'appears' : ''} />
    </>
  );
}
