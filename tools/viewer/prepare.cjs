// Makes of the package @ohif/app what the server serves under /viewer/:
//   node prepare.cjs PACKAGE FOLDER
// Left out: source maps, the ONNX runtime, microscopy, service workers, sign-in by OIDC, start
// pictures of old phones. Patched: where the files lie; two scripts within the page become files,
// so that the page needs no exception of its Content-Security-Policy. Each patch must match as
// often as it says, or nothing is made. Scripts and styles are minified, everything that gains by
// it stands beside itself as .gz.
'use strict';
const fs = require('fs');
const path = require('path');
const zlib = require('zlib');
const { promisify } = require('util');
const esbuild = require('esbuild');

const gzip = promisify(zlib.gzip);
const [source, target] = process.argv.slice(2);
const dist = path.join(source, 'dist');

const LEFT_OUT = [
  /\.map$/, /^ort\//, /^dicom-microscopy-viewer\//, /^_/, /^sw\.js$/, /^init-service-worker\.js$/,
  /^google\.js$/, /^oidc-client/, /^silent-refresh\.html$/, /^serve\.json$/, /^app-config\.js$/,
  /^polyfill\.min\.js$/, /^es6-shim\.min\.js$/, /\.LICENSE\.txt$/, /^assets\/apple-touch-startup/,
  /^assets\/browserconfig/, /^assets\/mstile/, /^assets\/yandex/, /^assets\/firefox/,
  /^assets\/manifest\.webapp$/, /^assets\/coast/,
];

// The files lie under ".../viewer/", wherever the page is: at /viewer/… or /share/ID/viewer/…, and
// behind a proxy that puts a path before both. A worker's own address lies there too; that of one
// made from a blob tells nothing.
const ROOT_OF = String.raw`((/^(.*?)(?:\/share\/[^/]+)?\/viewer(?:\/|$)/.exec(self.location.pathname)||[,''])[1]+"/viewer/")`;

function fail(text) {
  console.error('viewer: ' + text);
  process.exit(1);
}

function filesBelow(folder, prefix = '') {
  return fs.readdirSync(path.join(folder, prefix), { withFileTypes: true }).flatMap(entry => {
    const name = prefix + entry.name;
    return entry.isDirectory() ? filesBelow(folder, name + '/') : [name];
  });
}

// How often each patch matched, over all files.
const matched = {};
function patch(text, name, pattern, replacement) {
  return text.replace(pattern, (...found) => {
    matched[name] = (matched[name] || 0) + 1;
    return typeof replacement === 'function' ? replacement(...found) : replacement;
  });
}

function patchScript(text) {
  text = patch(text, 'public path', /__webpack_require__\.p = "\/"/g,
    () => '__webpack_require__.p = ' + ROOT_OF);
  return patch(text, 'microscopy', /pluginImports_modes\.push\("@ohif\/mode-microscopy"\);/g, '');
}

function patchStyle(text) {
  return patch(text, 'addresses of styles', /url\(\/(?!\/)/g, 'url(');
}

// The page: scripts within it become start.js, addresses lead to /viewer/.
function patchPage(text) {
  text = patch(text, 'service worker', /<script [^>]*src="\/init-service-worker\.js"><\/script>/g, '');
  text = patch(text, 'app-config', /<script [^>]*src="\/app-config\.js"><\/script>/g,
    '<script src="/app-config.js"></script>');
  text = patch(text, 'links of old phones',
    /<link rel="(?:apple-touch-startup-image|yandex-tableau-widget)"[^>]*>|<link [^>]*coast-[^>]*>|<meta name="msapplication[^>]*>/g, '');
  let first = true;
  text = patch(text, 'scripts of the page', /<script>([^<]*)<\/script>/g, () => {
    const script = first ? '<script src="/start.js"></script>' : '';
    first = false;
    return script;
  });
  return patch(text, 'addresses of the page', /(href|src)="\/(?!\/)/g, (_, name) => `${name}="/viewer/`);
}

const START = `window.PUBLIC_URL=${ROOT_OF};
function browserImportFunction(module){return import(module)}
`;

async function write(name, bytes) {
  const place = path.join(target, name);
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.writeFileSync(place, bytes);
  if (/\.(png|ico|woff2|gz)$/.test(name)) return;
  const packed = await gzip(bytes, { level: 9 });
  if (packed.length < bytes.length * 0.9) fs.writeFileSync(place + '.gz', packed);
}

async function minified(name, text, loader) {
  const { code } = await esbuild.transform(text, {
    loader, minify: true, legalComments: 'eof', sourcefile: name,
    target: loader === 'js' ? ['es2022'] : undefined, logLevel: 'error',
  });
  return Buffer.from(code);
}

async function prepare(name) {
  const bytes = fs.readFileSync(path.join(dist, name));
  const text = () => bytes.toString('utf8');
  if (name.endsWith('.js')) return write(name, await minified(name, patchScript(text()), 'js'));
  if (name.endsWith('.css')) return write(name, await minified(name, patchStyle(text()), 'css'));
  if (name === 'index.html') return write(name, Buffer.from(patchPage(text())));
  if (name === 'manifest.json') {
    return write(name, Buffer.from(patch(text(), 'addresses of the manifest', /"\/(?=assets|"|\?)/g, '"./')));
  }
  return write(name, bytes);
}

async function main() {
  const names = filesBelow(dist).filter(name => !LEFT_OUT.some(pattern => pattern.test(name)));
  await Promise.all(names.map(prepare));
  await write('start.js', Buffer.from(START));
  await write('app-config.js', fs.readFileSync(path.join(__dirname, 'app-config.js')));
  fs.copyFileSync(path.join(source, 'LICENSE'), path.join(target, 'LICENSE'));
  const expected = {
    'public path': 8, microscopy: 1, 'addresses of styles': 5, 'service worker': 1, 'app-config': 1,
    'scripts of the page': 2,
  };
  for (const [name, count] of Object.entries(expected)) {
    if (matched[name] !== count) {
      fail(`the patch "${name}" matched ${matched[name] || 0} times, not ${count}`);
    }
  }
  if (!matched['addresses of the page'] || !matched['addresses of the manifest']) {
    fail('no address of the page or of the manifest was patched');
  }
}

main().catch(error => fail(String(error && error.stack || error)));
