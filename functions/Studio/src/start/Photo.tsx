import { useRef } from 'preact/hooks';
import { Icon } from '../shell/Icon';
import { draft, dropPicture, reading, restored, sending, takeFile, wrong } from './draft';
import type { Plan } from './plan';
import { megabytes, workingSize } from './picture';
import type { Picture } from './readPicture';
import { useUrl } from '../pictures/useUrl';

/** What file choosers offer; files are looked at, not believed. */
const Accept = 'image/*,.heic,.heif,.avif,.tif,.tiff';

/** The photo, or the place for one. */
export function Photo({ plan }: { plan: Plan | null }) {
  const chooser = useRef<HTMLInputElement>(null);
  const { picture, source } = draft.value;
  const url = useUrl(picture?.blob);
  const problem = wrong.value?.part === 'picture' ? wrong.value.words : null;
  const isBusy = sending.value !== null;
  const choose = () => chooser.current!.click();
  const isSmall = !picture && !source && restored.value;

  return (
    <section class={picture || source ? 'photo' : isSmall ? 'photo empty small' : 'photo empty'} aria-label="Photo">
      <input
        ref={chooser} class="visually-hidden" type="file" accept={Accept} tabIndex={-1} aria-label="Photo"
        onChange={event => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = '';
          if (file) void takeFile(file, restored.value !== null);
        }}
      />
      {picture || source ? (
        <>
          <div class="photo-frame">
            {url && picture!.size ? <img src={url} alt="Your photo" /> : <p class="soft photo-unseen">{source && !picture
              ? 'The photo of the edit before; it is kept by the service.' : 'This browser cannot show the photo, the service reads it.'}</p>}
          </div>
          <div class="photo-facts">
            <p class="soft">{picture && facts(picture, plan)}</p>
            {!isBusy && (
              <div class="photo-buttons">
                <button type="button" class="button quiet" onClick={choose}>Other photo</button>
                <button type="button" class="button quiet" onClick={dropPicture}>Remove</button>
              </div>
            )}
          </div>
        </>
      ) : (
        <button type="button" class="drop" data-part="picture" onClick={choose} aria-describedby="photo-problem">
          <span class="drop-icon"><Icon name="photo" /></span>
          <span class="button primary large">{reading.value ? 'Reading…' : 'Choose a photo'}</span>
          <span class="soft drop-else">or drop it anywhere on this page, or paste it</span>
        </button>
      )}
      <p id="photo-problem" class="problem" role="alert">{problem}</p>
    </section>
  );
}

function facts({ blob, size, convertedFrom }: Picture, plan: Plan | null): string {
  const made = convertedFrom ? `Converted from ${convertedFrom}. ` : '';
  if (!size) return `${made}${megabytes(blob.size)}`;
  const is = `${size.width} × ${size.height} pixels, ${megabytes(blob.size)}`;
  if (!plan) return made + is;
  const working = plan.size ?? workingSize(size, plan.side);
  const soft = size.width * size.height < working.width * working.height / 2 ? ' Your photo is smaller than that, so details may look soft.' : '';
  return `${made}${is}. The results will be ${plan.size ? '' : 'about '}${working.width} × ${working.height}, the size at which the model works.${soft}`;
}
