// First, so that what a folder says of its parts stands over it.
import './styles.css';
import { render } from 'preact';
import { check } from './check/checking';
import { App } from './shell/App';
import { takeFiles } from './shell/dropping';
import { listenToKeys } from './shell/keys';
import { route } from './shell/route';
import { watchRunning } from './shell/running';
import { takeFile, wake } from './start/draft';

takeFiles(file => void (route.value.screen === 'check' ? check(file) : takeFile(file)));
watchRunning(id => route.value.screen === 'edit' && route.value.id === id);
listenToKeys();
void wake();

render(<App />, document.getElementById('app')!);
