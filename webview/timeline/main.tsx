import { render } from 'preact';
import { connectHost } from '../kit/host.ts';
import type { FromPanel, ToPanel } from '../protocol.ts';
import { Panel } from './panel.tsx';
import { PanelStore } from './panelStore.ts';
import '../kit/page.css';
import '../kit/board.css';
import './timeline.css';

const host = connectHost<FromPanel>(document.body.dataset.source ?? '');
const store = new PanelStore(host);
window.addEventListener('message', ({ data }: MessageEvent<ToPanel>) => { store.receive(data); });
render(<Panel store={store} />, document.getElementById('root') ?? document.body);
host.send({ type: 'ready' });
