// A client that is not ours against the simulated Echo cloud: what it was told is looked for in the cloud's own state.
// Arguments: whole | stale (its cookies are old) | revoked (and its refresh token is refused).
'use strict';
const assert = require('assert');
const https = require('https');
const Alexa = require('alexa-remote2');

const KITCHEN = 'Kitchen Dot';
const TERRACE = '00:1A:7D:DA:71:02';
const kind = process.argv[2] || 'whole';
const alexa = new Alexa();
const events = [];
for (const name of ['ws-connect', 'ws-bluetooth-state-change', 'ws-volume-change']) alexa.on(name, () => events.push(name));

const pause = ms => new Promise(go => setTimeout(go, ms));
const ask = path => new Promise((good, bad) => https.get(process.env.SIM_URL + path, answer => {
  let text = '';
  answer.on('data', part => { text += part; });
  answer.on('end', () => good(JSON.parse(text)));
}).on('error', bad));
const echo = async () => (await ask('/_sim/state')).echoes[0];
const sequences = async type => (await ask('/_sim/state')).sequences.filter(s => s.type === type).length;
const tell = (method, ...values) => new Promise((good, bad) => alexa[method](...values, (error, result) => (error ? bad(error) : good(result))));

async function until(what, isSo) {
  for (let tries = 0; tries < 150; tries++) {
    if (await isSo()) return console.log(`ok   ${what}`);
    await pause(100);
  }
  throw new Error(`not so: ${what}`);
}

function start() {
  const cookie = kind === 'whole' ? 'at-acbde=x; csrf=1' : 'session-id=1; csrf=1';
  const macDms = { device_private_key: 'example', adp_token: '{enc:example}' };
  const options = {
    cookie: {
      loginCookie: cookie, localCookie: cookie, csrf: '1', refreshToken: kind === 'revoked' ? 'Atnr|revoked' : process.env.SIM_TOKEN, macDms, amazonPage: 'amazon.de',
      tokenDate: kind === 'whole' ? Date.now() : 0, dataVersion: 2, deviceSerial: '0123456789ABCDEF0123456789ABCDEF', deviceAppName: 'Check',
    },
    macDms, amazonPage: 'amazon.de', alexaServiceHost: 'alexa.amazon.de', bluetooth: true, notifications: false, usePushConnection: kind === 'whole', cookieRefreshInterval: 0, proxyOnly: true,
    logger: process.env.DEBUG ? console.log : undefined,
  };
  return new Promise((good, bad) => alexa.init(options, error => (error ? bad(error) : good())));
}

async function whole() {
  await start();
  assert.deepStrictEqual(Object.keys(alexa.serialNumbers).sort(), ['0123456789abcdef0123456789abcdef', 'G0EXAMPLE0000001', 'G0EXAMPLE0000002', 'G0EXAMPLE0000003']);
  assert(alexa.find('Everywhere').isMultiroomDevice);
  assert.strictEqual(alexa.find(KITCHEN).bluetoothState.pairedDeviceList.length, 3);
  await until('push', () => events.includes('ws-connect'));

  await tell('connectBluetooth', KITCHEN, TERRACE);
  await until('linked', async () => (await echo()).link?.address === TERRACE);
  await until('the link is told', () => events.includes('ws-bluetooth-state-change'));
  await tell('connectBluetooth', KITCHEN, '00:00:00:00:00:09');
  await tell('getBluetooth', false);
  assert.strictEqual((await echo()).link.address, TERRACE);
  await tell('disconnectBluetooth', KITCHEN, null);
  await until('let go', async () => (await echo()).link === null);
  await tell('unpaireBluetooth', KITCHEN, TERRACE);
  await until('forgotten', async () => !(await echo()).paired.some(p => p.address === TERRACE));

  await tell('sendSequenceCommand', KITCHEN, 'volume', 55);
  await until('volume by sequence', async () => (await echo()).volume === 55);
  await until('the volume is told', () => events.includes('ws-volume-change'));
  await tell('sendCommand', KITCHEN, 'volume', 12);
  await until('volume by the player', async () => (await echo()).volume === 12);
  await tell('sendSequenceCommand', KITCHEN, 'speak', 'hello');
  await tell('sendSequenceCommand', KITCHEN, 'textCommand', 'what time is it');
  await until('spoken', async () => await sequences('Alexa.Speak') === 1 && await sequences('Alexa.TextCommand') === 1);

  assert.strictEqual((await tell('getAllDeviceVolumes')).volumes.length, 3);
  assert((await tell('getPlayerInfo', KITCHEN)).playerInfo);
  assert.strictEqual((await tell('getAuxControllerState', 'Office Echo')).ports.length, 1);
  const routines = await tell('getAutomationRoutines');
  assert.strictEqual(routines.length, 1);
  await tell('executeAutomationRoutine', KITCHEN, routines[0]);
  await until('the routine ran', async () => await sequences('Alexa.Speak') === 2);
}

async function stale() {
  await start();
  const paths = (await ask('/_sim/requests')).requests.map(r => r.path);
  assert(paths.includes('/auth/token') && paths.some(path => path.startsWith('/ap/exchangetoken')));
  console.log('ok   new cookies by itself');
}

async function revoked() {
  await assert.rejects(start(), /login to Amazon/);
  console.log('ok   asks for a new login');
}

function end(code) {
  alexa.stop();
  process.exit(code); // its login page would stay open
}

setTimeout(() => { console.log('not ok: it takes too long'); end(1); }, 45000);
({ whole, stale, revoked })[kind]().then(() => end(0), error => { console.log(`not ok: ${error.stack}`); end(1); });
