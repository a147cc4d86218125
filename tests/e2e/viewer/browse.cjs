// Visits pages with a real browser and tells as JSON what was seen on each:
//   node browse.cjs PLAYWRIGHT_CORE CHROMIUM < VISITS
// VISITS: an array of {url, cookies?, wait?, text?, scroll?, screenshot?, timeout_ms?, axe?}, of which
//   axe            a file of axe-core, which then tells of what hinders people on the page: as it is, and in the dark on
//                  the screen of a telephone
//   wait "image"   until a canvas of the viewer shows more than one colour
//   wait "text"    until the page has `text`
//   wait "frame"   until an <object> or <iframe> is there
//   wait "load"    (the default) until the page has loaded
// One browser for all, with an empty profile; nothing but the server is reached.
'use strict';
const fs = require('fs');

const [library, executable] = process.argv.slice(2);
const { chromium } = require(library);
const FLAGS = [
  '--no-sandbox', '--use-angle=swiftshader', '--use-gl=angle', '--enable-unsafe-swiftshader',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--no-first-run', '--disable-dev-shm-usage',
];

// How many colours a coarse grid of each canvas has, the most colourful one first.
async function canvases(page) {
  return page.evaluate(() => [...document.querySelectorAll('canvas')]
    .filter(canvas => canvas.width > 100 && canvas.height > 100 && canvas.offsetParent)
    .map(canvas => {
      const small = document.createElement('canvas');
      small.width = 64;
      small.height = 64;
      const context = small.getContext('2d');
      context.drawImage(canvas, 0, 0, 64, 64);
      const data = context.getImageData(0, 0, 64, 64).data;
      const colours = new Set();
      let coloured = 0;
      for (let i = 0; i < data.length; i += 4) {
        colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
        const most = Math.max(data[i], data[i + 1], data[i + 2]);
        const least = Math.min(data[i], data[i + 1], data[i + 2]);
        if (most - least > 24) ++coloured;
      }
      return { colours: colours.size, coloured, width: canvas.width, height: canvas.height };
    })
    .sort((left, right) => right.colours - left.colours));
}

async function until(what, deadline) {
  for (;;) {
    const found = await what().catch(() => null);
    if (found) return found;
    if (Date.now() > deadline) return null;
    await new Promise(resolve => setTimeout(resolve, 150));
  }
}

async function hindrances(page, order) {
  await page.evaluate(fs.readFileSync(order.axe, 'utf8'));  // not as a script of the page, which its policy forbids
  const found = [];
  for (const [scheme, width] of [['light', 1280], ['dark', 360]]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 800 });
    found.push(...await page.evaluate(async () => {
      const { passes, violations } = await axe.run();
      if (passes.length < 5) return ['axe-core looked at next to nothing'];
      return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(node => node.target.join(' ')).join(', ')}`);
    }));
    if (order.screenshot) await page.screenshot({ path: order.screenshot.replace('.png', `-${scheme}.png`) });
  }
  return found;
}

async function visit(context, order) {
  const page = await context.newPage();
  const requests = [];
  const problems = [];
  page.on('response', response => {
    const request = response.request();
    requests.push({ url: response.url(), status: response.status(), method: request.method(),
      accept: request.headers().accept || '' });
  });
  page.on('console', message => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', error => problems.push('exception: ' + error.message));
  const started = Date.now();
  const deadline = started + (order.timeout_ms || 30000);
  const seen = { url: order.url, requests, problems };
  try {
    const answer = await page.goto(order.url, { waitUntil: 'domcontentloaded', timeout: 30000 });
    seen.status = answer ? answer.status() : 0;
    if (order.wait === 'image') {
      seen.canvases = await until(async () => {
        const all = await canvases(page);
        return all.length && all[0].colours > 4 ? all : null;
      }, deadline) || [];
      seen.found = seen.canvases.length > 0;
    } else if (order.wait === 'text') {
      seen.found = Boolean(await until(async () => {
        const text = await page.evaluate(() => document.body.innerText);
        return text.includes(order.text);
      }, deadline));
    } else if (order.wait === 'frame') {
      seen.found = Boolean(await until(() => page.$('object, iframe'), deadline));
      await page.waitForTimeout(1000);
    } else {
      await page.waitForLoadState('load');
      seen.found = true;
    }
    seen.milliseconds = Date.now() - started;
    for (let i = 0; i < (order.scroll || 0); ++i) {
      const canvas = await page.$('canvas');
      const box = await canvas.boundingBox();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.wheel(0, 120);
      await page.waitForTimeout(250);
    }
    if (order.reload) {
      await page.reload({ waitUntil: 'domcontentloaded' });
      seen.found_again = Boolean(await until(async () => {
        const all = await canvases(page);
        return all.length && all[0].colours > 4 ? all : null;
      }, Date.now() + (order.timeout_ms || 30000)));
    }
    if (order.axe) seen.hindrances = await hindrances(page, order);
    if (order.settle_ms) await page.waitForTimeout(order.settle_ms);
    // While the viewer lays itself out anew there is none for a moment.
    const last = await canvases(page);
    if (last.length || !seen.canvases) seen.canvases = last;
    seen.text = await page.evaluate(() => document.body.innerText);
    seen.address = page.url();
    seen.isolated = await page.evaluate(() => window.crossOriginIsolated);
    if (order.screenshot) await page.screenshot({ path: order.screenshot });
  } catch (error) {
    seen.error = String(error);
  }
  await page.close();
  return seen;
}

async function main() {
  const orders = JSON.parse(fs.readFileSync(0, 'utf8'));
  const browser = await chromium.launch({ executablePath: executable, headless: true, args: FLAGS });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const all = [];
  for (const order of orders) {
    if (order.cookies) await context.addCookies(order.cookies);
    if (order.forget) await context.clearCookies();
    all.push(await visit(context, order));
  }
  await browser.close();
  process.stdout.write(JSON.stringify(all));
}

main().catch(error => {
  console.error(String(error));
  process.exit(1);
});
