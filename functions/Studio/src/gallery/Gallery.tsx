import { useEffect } from 'preact/hooks';
import { hrefOf, type Route } from '../shell/route';
import { Batch } from './Batch';
import { Batches } from './Batches';
import { Edits } from './Edits';
import './gallery.css';

/** What there is: edits, and batches of them. */
export function Gallery({ at }: { at: Route }) {
  useEffect(() => { document.title = 'Gallery · Imagic Studio'; }, [at]);
  const isBatches = at.screen === 'batches';
  return (
    <section class="gallery">
      <header class="gallery-head">
        <h1>Gallery</h1>
        <nav class="tabs" aria-label="Kinds">
          <a href={hrefOf({ screen: 'gallery' })} aria-current={!isBatches ? 'page' : undefined}>Edits</a>
          <a href={hrefOf({ screen: 'batches' })} aria-current={isBatches ? 'page' : undefined}>Batches</a>
        </nav>
      </header>
      {!isBatches ? <Edits /> : at.name === undefined ? <Batches /> : <Batch key={at.name} name={at.name} />}
    </section>
  );
}
