import { render } from 'preact';
import { connectHost } from '../kit/host.ts';
import type { FromSweep, ToSweep } from '../sweepProtocol.ts';
import { Panel } from './panel.tsx';
import { SweepStore } from './sweepStore.ts';
import '../kit/page.css';
import './sweep.css';

const host = connectHost<FromSweep>(document.body.dataset.source ?? '');
const store = new SweepStore(host);
window.addEventListener('message', ({ data }: MessageEvent<ToSweep>) => { store.receive(data); });
render(<Panel store={store} />, document.getElementById('root') ?? document.body);
host.send({ type: 'ready' });
