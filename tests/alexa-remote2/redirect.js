// Loaded first (node -r): every TLS connection goes to the simulated cloud, with the host name that was asked for.
'use strict';
const fs = require('fs');
const http2 = require('http2');
const https = require('https');
const tls = require('tls');

const cloud = new URL(process.env.SIM_URL);
const ca = fs.readFileSync(process.env.SIM_CA);
const open = (name, protocol) => tls.connect({ host: cloud.hostname, port: Number(cloud.port), servername: /^[\d.]+$/.test(name) ? '' : name, ca, ALPNProtocols: [protocol] });

https.globalAgent.createConnection = options => open(options.servername || options.host, 'http/1.1');
const connect = http2.connect;
http2.connect = (authority, options, listener) =>
  typeof options === 'function' ? http2.connect(authority, {}, options) : connect(authority, { ...options, createConnection: url => open(url.hostname, 'h2') }, listener);
