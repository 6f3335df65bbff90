// Judges Content Credentials by the reference implementation, c2pa-rs as WebAssembly. For each line "TYPE FILE", such as
// "image/png picture.png", a line of JSON comes back.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import init, { WasmReader } from '@contentauth/c2pa-wasm'

const wasm = createRequire(import.meta.url).resolve('@contentauth/c2pa-wasm/c2pa.wasm')
await init({ module_or_path: await readFile(wasm) })
for await (const line of createInterface({ input: process.stdin })) {
    const space = line.indexOf(' ')
    let verdict
    try {
        const reader = await WasmReader.fromBytes(line.slice(0, space), await readFile(line.slice(space + 1)))
        verdict = { manifest: JSON.parse(reader.json()) }
    } catch (error) {
        verdict = { error: String(error) }
    }
    console.log(JSON.stringify(verdict))
}
