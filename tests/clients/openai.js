// Edits a picture by OpenAI's own client: node openai.js SERVER PICTURE SETTINGS
// Prints what came, as one line of JSON.
import { createReadStream, writeFileSync } from 'node:fs';
import OpenAI from 'openai';

const [server, picture, settings, out] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${server}/v1`, apiKey: 'unused', defaultHeaders: { 'x-functions-key': 'a-key' } });
const image = () => createReadStream(picture);

const edit = await client.images.edit({ image: image(), prompt: 'a green heart', n: 2, size: 'auto', settings });
writeFileSync(`${out}/plain.png`, Buffer.from(edit.data[0].b64_json, 'base64'));

const events = [];
const stream = await client.images.edit({
  image: [image()], prompt: 'a green heart', stream: true, partial_images: 2, output_format: 'jpeg', settings,
});
for await (const event of stream) {
  events.push(event.type);
  if (event.type === 'image_edit.completed') writeFileSync(`${out}/streamed.jpg`, Buffer.from(event.b64_json, 'base64'));
}

const byUrl = await client.images.edit({ image: image(), prompt: 'a green heart', n: 2, response_format: 'url', settings });
const fetched = await fetch(byUrl.data[0].url, { headers: { 'x-functions-key': 'a-key' } });
writeFileSync(`${out}/fetched.png`, Buffer.from(await fetched.arrayBuffer()));

const refusal = await client.images.edit({ image: image(), prompt: 'a heart', model: 'gpt-image-1' }).catch(error => error);

console.log(JSON.stringify({
  pictures: edit.data.length,
  events,
  refusal: { is: refusal instanceof OpenAI.BadRequestError, status: refusal.status, code: refusal.code, param: refusal.param, type: refusal.type },
}));
