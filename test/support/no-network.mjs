// Loaded before a program by `node --import`: whatever it or its children try to reach beside pipes of this machine is
// refused, and written to the file that CHIRALITY_CONNECTS names.
import { appendFileSync } from 'node:fs';
import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';
import process from 'node:process';

const refuse = (what) => {
  appendFileSync(process.env.CHIRALITY_CONNECTS, `${process.argv.slice(1).join(' ')}: ${what}\n`);
  throw new Error(`There is no network here: ${what}`);
};

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [first] = Array.isArray(args[0]) ? args[0] : args;
  const isPipe = typeof first === 'string' ? !/^\d+$/.test(first) : typeof first?.path === 'string';
  return isPipe ? connect.apply(this, args) : refuse(`connect ${JSON.stringify(first)}`);
};
dns.lookup = (name) => refuse(`lookup ${name}`);
dns.promises.lookup = (name) => refuse(`lookup ${name}`);
dgram.Socket.prototype.send = () => refuse('send');
