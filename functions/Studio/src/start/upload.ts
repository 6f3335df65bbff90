import { api } from '../api/client';
import { pause, tell } from '../api/http';

const MaxPause = 30; // seconds

/** Puts a picture into the storage account by a key for that alone; answers what it is called there. */
export async function upload(picture: { blob: Blob; name: string }, onProgress: (share: number) => void, signal: AbortSignal): Promise<string> {
  try {
    for (let losses = 0; ;) {
      const ticket = await api.ticket(picture.name, signal);
      const status = await put(ticket.url, picture.blob, onProgress, signal);
      // 409: it is there already, the answer to the first attempt was lost.
      if ((status >= 200 && status < 300) || status === 409) return ticket.name;
      tell(picture, status === 0 ? 'offline' : { detail: `The storage account refused the picture (${status}).` });
      await pause(Math.min(2 ** losses++, MaxPause), signal);
    }
  } finally {
    tell(picture, null);
  }
}

/** The status; 0 when nobody answered. */
function put(url: string, blob: Blob, onProgress: (share: number) => void, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.upload.onprogress = event => { if (event.lengthComputable) onProgress(event.loaded / event.total); };
    request.onload = () => end(request.status);
    request.onerror = () => end(0);
    request.onabort = () => { signal.removeEventListener('abort', stop); reject(signal.reason); };
    signal.addEventListener('abort', stop);
    request.open('PUT', url);
    request.setRequestHeader('x-ms-blob-type', 'BlockBlob');
    request.setRequestHeader('content-type', blob.type || 'application/octet-stream');
    request.send(blob);

    function end(status: number) {
      signal.removeEventListener('abort', stop);
      resolve(status);
    }
  });
}
