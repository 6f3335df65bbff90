// Edits a picture as an agent does, by the protocol's own client: node mcp.js SERVER PICTURE
// Prints what came, as one line of JSON.
import { readFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [server, picture] = process.argv.slice(2);
const errors = [];
const client = new Client({ name: 'imagic-tests', version: '1' });
client.onerror = error => errors.push(`${error}`);
await client.connect(new StreamableHTTPClientTransport(new URL(`${server}/mcp`), { requestInit: { headers: { 'x-functions-key': 'a-key' } } }));

const { tools } = await client.listTools();
const call = async (name, args) => {
  const { content, isError } = await client.callTool({ name, arguments: args });
  return { isError: isError === true, text: content[0].text, images: content.filter(block => block.type === 'image') };
};
const models = JSON.parse((await call('list_models', {})).text);
const started = JSON.parse((await call('edit_image', {
  text: 'a blue heart', picture: readFileSync(picture).toString('base64'), strengths: [0.5], seeds: [1],
  settings: { optimize: { steps: 3 }, fineTune: { steps: 3 }, steps: 2 },
})).text);
let ended;
do {
  ended = await call('get_edit', { edit_id: started.edit_id, wait_seconds: 20 });
} while (['queued', 'running'].includes(JSON.parse(ended.text).state));
const refused = await call('edit_image', { text: 'a heart', picture: 'aGVsbG8=' });
const other = JSON.parse((await call('edit_image', { text: 'a heart of stone', picture: readFileSync(picture).toString('base64') })).text);
const cancelled = await call('cancel_edit', { edit_id: other.edit_id });
await client.close();

console.log(JSON.stringify({
  server: client.getServerVersion()?.name,
  tools: tools.map(tool => tool.name).sort(),
  models: models.map(model => model.name),
  state: JSON.parse(ended.text).state,
  images: ended.images.map(image => ({ type: image.mimeType, isPng: Buffer.from(image.data, 'base64').subarray(1, 4).toString() === 'PNG' })),
  refused: { isError: refused.isError, text: refused.text },
  cancelled: cancelled.isError,
  errors,
}));
