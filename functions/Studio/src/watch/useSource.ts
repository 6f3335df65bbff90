import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/client';
import { ResultNames } from '../pictures/names';
import { drafts } from '../start/drafts';
import { useUrl } from '../pictures/useUrl';

/** An address of the photo of an edit: as it was sent from this browser, or as the edit shows it whose learning is used again. */
export function useSource(id: string, from: string | undefined): string | undefined {
  const [blob, setBlob] = useState<Blob>();
  const [link, setLink] = useState<string>();
  useEffect(() => {
    void drafts.sent(from ?? id).then(sent => {
      setBlob(sent?.picture?.blob);
      // It may be deleted; then there is no photo beside.
      if (from && !sent?.picture) api.link(from, ResultNames.source).then(({ url }) => setLink(url), () => {});
    });
  }, [id, from]);
  return useUrl(blob) ?? link;
}
