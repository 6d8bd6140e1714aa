// A worker thread of a pool in Node.
import { parentPort } from 'node:worker_threads';
import './node.js';
import { serve } from './serve.js';

parentPort.on('message', serve((message, transfer) => parentPort.postMessage(message, transfer)));
