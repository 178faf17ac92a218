import { render } from 'preact';
import { connectHost } from '../kit/host.ts';
import type { ToPanel } from '../protocol.ts';
import { Panel } from './panel.tsx';
import { PanelStore } from './panelStore.ts';
import './timeline.css';

const host = connectHost(document.body.dataset.source ?? '');
const store = new PanelStore(host);
window.addEventListener('message', ({ data }: MessageEvent<ToPanel>) => { store.receive(data); });
render(<Panel store={store} />, document.getElementById('root') ?? document.body);
host.send({ type: 'ready' });
