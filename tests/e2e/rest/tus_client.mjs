// Uploads one file with tus-js-client, as a browser would, and goes on after each cut:
// node tus_client.mjs MODULES URL TOKEN FILE METADATA_JSON PIECE_BYTES
import fs from 'node:fs';
import { createRequire } from 'node:module';

const [modules, endpoint, token, file, metadata, piece] = process.argv.slice(2);
const tus = createRequire(modules + '/')('tus-js-client');
const bytes = fs.readFileSync(file);
let cuts = 0;
const upload = new tus.Upload(bytes, {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: JSON.parse(metadata),
  chunkSize: Number(piece),
  uploadDataDuringCreation: process.env.WITH_CREATION === '1',
  retryDelays: Array(200).fill(100),
  onShouldRetry: (error) => {
    cuts += 1;
    const status = error.originalResponse ? error.originalResponse.getStatus() : 0;
    return status === 0 || status === 409 || status === 423 || status >= 500;
  },
  onError: (error) => {
    console.error(String(error));
    process.exit(1);
  },
  onSuccess: () => {
    console.log(JSON.stringify({ url: upload.url, cuts }));
    process.exit(0);
  },
});
upload.start();
