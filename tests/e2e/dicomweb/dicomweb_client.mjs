// What a viewer does with dicomweb-client: stores files, searches, reads metadata, frames and instances.
// node dicomweb_client.mjs MODULES URL TOKEN FILE… prints JSON
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';

const [modules, url, token, ...files] = process.argv.slice(2);
const require = createRequire(modules + '/');
globalThis.XMLHttpRequest = require('xhr2');
const { api } = require('dicomweb-client');

const client = new api.DICOMwebClient({ url, headers: { Authorization: `Bearer ${token}` }, verbose: false });
const bytesOf = (file) => Uint8Array.from(fs.readFileSync(file)).buffer;
const sha256 = (buffer) => crypto.createHash('sha256').update(Buffer.from(buffer)).digest('hex');
const valueOf = (dataSet, tag) => dataSet[tag].Value[0];

const stored = await client.storeInstances({ datasets: files.map(bytesOf) });
const [study] = await client.searchForStudies({ queryParams: { PatientID: 'CLIENT-JS' } });
const studyInstanceUID = valueOf(study, '0020000D');
const [series] = await client.searchForSeries({ studyInstanceUID });
const seriesInstanceUID = valueOf(series, '0020000E');
const instances = await client.searchForInstances({ studyInstanceUID, seriesInstanceUID });
const metadata = await client.retrieveSeriesMetadata({ studyInstanceUID, seriesInstanceUID });
const sopInstanceUID = valueOf(instances[0], '00080018');
const place = { studyInstanceUID, seriesInstanceUID, sopInstanceUID };
const [frame] = await client.retrieveInstanceFrames({ ...place, frameNumbers: [1] });
const [pixels] = await client.retrieveBulkData({ BulkDataURI: metadata[0]['7FE00010'].BulkDataURI });
console.log(JSON.stringify({
  stored: typeof stored === 'string' ? JSON.parse(stored) : stored,
  studyInstanceUID,
  instances: instances.map((each) => valueOf(each, '00080018')),
  metadata: metadata.map((each) => valueOf(each, '00080018')),
  instance: sha256(await client.retrieveInstance(place)),
  study: (await client.retrieveStudy({ studyInstanceUID })).map(sha256),
  frame: sha256(frame),
  pixels: sha256(pixels),
  nobody: (await client.searchForStudies({ queryParams: { PatientID: 'nobody' } })).length,
}));
