import { useEffect, useRef } from 'preact/hooks';
import { trouble } from '../api/http';
import { Check } from '../check/Check';
import { Gallery } from '../gallery/Gallery';
import { Start } from '../start/Start';
import { Edit } from '../watch/Edit';
import { About, aboutIsOpen } from './About';
import { Confirm } from './Confirm';
import { hovering } from './dropping';
import { Icon } from './Icon';
import { KeyDialog } from './KeyDialog';
import { hrefOf, route } from './route';
import { Strip } from './Strip';
import { nextTheme, theme } from './theme';
import './shell.css';

export function App() {
  const at = route.value;
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const place = JSON.stringify(at);
  useEffect(() => {
    // Whoever goes by keyboard or ear is taken along; at the first sight the browser knows best.
    if (!isFirst.current) { main.current!.focus({ preventScroll: true }); scrollTo(0, 0); }
    isFirst.current = false;
  }, [place]);
  return (
    <>
      <a class="skip" href="#main" onClick={event => { event.preventDefault(); main.current!.focus(); }}>To the content</a>
      <header class="bar">
        <a class="brand" href={hrefOf({ screen: 'start' })}><Mark />Imagic<span> Studio</span></a>
        <nav aria-label="Screens">
          <a href={hrefOf({ screen: 'start' })} aria-current={at.screen === 'start' ? 'page' : undefined}>New edit</a>
          <a href={hrefOf({ screen: 'gallery' })} aria-current={at.screen === 'gallery' || at.screen === 'batches' ? 'page' : undefined}>Gallery</a>
        </nav>
        <Strip />
        <div class="bar-end">
          <button class="icon-button" onClick={nextTheme} aria-label={`Colours: ${theme.value}. Change`} title={`Colours: ${theme.value}`}><Icon name={theme.value} /></button>
          <button class="icon-button" onClick={() => { aboutIsOpen.value = true; }} aria-label="About and keys" title="About and keys"><Icon name="help" /></button>
        </div>
      </header>
      <Connection />
      <main id="main" ref={main} tabIndex={-1}>
        {at.screen === 'start' && <Start />}
        {at.screen === 'check' && <Check />}
        {at.screen === 'edit' && <Edit key={at.id} id={at.id} />}
        {(at.screen === 'gallery' || at.screen === 'batches') && <Gallery at={at} />}
      </main>
      {hovering.value && <div class="drop-veil" aria-hidden="true"><p>{at.screen === 'check' ? 'Drop the picture to check' : 'Drop your photo'}</p></div>}
      <KeyDialog />
      <Confirm />
      <About />
    </>
  );
}

function Connection() {
  const now = trouble.value;
  const words = now === 'offline' ? 'No connection. Nothing is lost; this goes on by itself.' : now ? `${now.detail} Trying again…` : '';
  return <div class="connection" role="status">{words && <p>{words}</p>}</div>;
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="12" /><path d="M16 4a12 12 0 0 1 0 24z" />
    </svg>
  );
}
