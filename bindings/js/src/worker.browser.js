// A Web Worker of a pool.
import './browser.js';
import { serve } from './serve.js';

const answer = serve((message, transfer) => self.postMessage(message, transfer));
self.onmessage = ({ data }) => answer(data);
