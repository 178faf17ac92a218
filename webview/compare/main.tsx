import { render } from 'preact';
import type { FromCompare, ToCompare } from '../compareProtocol.ts';
import { connectHost } from '../kit/host.ts';
import { CompareStore } from './compareStore.ts';
import { Panel } from './panel.tsx';
import '../kit/page.css';
import '../kit/board.css';
import './compare.css';

const host = connectHost<FromCompare>(document.body.dataset.source ?? '');
const store = new CompareStore(host);
window.addEventListener('message', ({ data }: MessageEvent<ToCompare>) => { store.receive(data); });
render(<Panel store={store} />, document.getElementById('root') ?? document.body);
host.send({ type: 'ready' });
