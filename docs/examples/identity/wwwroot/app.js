import { Run } from './run.js';

const $ = (id) => document.getElementById(id);
const tell = (text) => ($('message').textContent = text);
let run = null;

/** A request to the application itself. What changes something carries a token, which belongs to the user: so a new one each time. */
async function call(method, path, body) {
  const headers = { 'Content-Type': 'application/json' };
  if (method !== 'GET') headers['X-XSRF-TOKEN'] = (await call('GET', '/antiforgery')).token;
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  const content = text ? JSON.parse(text) : null;
  if (answer.ok) return content;
  const said = content?.errors ? Object.values(content.errors).flat().join(' ') : content?.detail;
  throw Object.assign(new Error(said ?? `The server says ${answer.status}.`), { status: answer.status });
}

/** What goes wrong is told on the page. */
const telling = (action) => async (event) => {
  event?.preventDefault();
  tell('');
  try {
    await action(event);
  } catch (error) {
    tell(error.message);
  }
};

async function showMe() {
  const me = await call('GET', '/me');
  $('me').textContent = me ? (me.name ?? me.email) : '';
  $('account').hidden = Boolean(me);
  $('runs').hidden = $('sign-out').hidden = !me;
  if (me) await showRuns();
  await showRun();
}

async function showRuns() {
  const rows = (await call('GET', '/runs')).map(({ id, canWrite, isOwner }) => {
    const link = Object.assign(document.createElement('a'), { href: `#${id}`, textContent: id.slice(0, 8) });
    const row = document.createElement('li');
    row.append(link, isOwner ? ', begun by you' : canWrite ? ', you take part' : ', you may read');
    return row;
  });
  $('run-list').replaceChildren(...rows);
}

async function showRun() {
  run?.close();
  run = null;
  const id = location.hash.slice(1);
  $('run').hidden = true;
  if (!id || $('runs').hidden) return;
  const opened = (run = new Run(id, {
    onEvents: (sentences) =>
      $('events').replaceChildren(...sentences.map((text) => Object.assign(document.createElement('li'), { textContent: text }))),
    onPeople: (names) => ($('people').textContent = names.join(', ')),
    onTrouble: tell,
  }));
  if (!(await opened.open())) return;
  $('run-id').textContent = id.slice(0, 8);
  $('run').hidden = false;
}

$('account').addEventListener('submit', telling(async ({ submitter, target }) => {
  const { email, password, name } = Object.fromEntries(new FormData(target));
  if (submitter.value === 'register') await call('POST', '/account/register', { email, password });
  await call('POST', '/account/login?useCookies=true', { email, password }).catch((error) => {
    throw error.status === 401 ? new Error('E-mail or password is wrong.') : error;
  });
  if (submitter.value === 'register' && name) await call('PUT', '/me/name', { name });
  await showMe();
}));
$('sign-out').addEventListener('click', telling(async () => {
  await call('DELETE', '/me/session');
  location.hash = '';
  await showMe();
}));
$('begin').addEventListener('click', telling(async () => {
  const { id } = await call('POST', '/runs');
  await showRuns();
  location.hash = id;
}));
$('invite').addEventListener('submit', telling(async ({ target }) => {
  const email = new FormData(target).get('email');
  await call('PUT', `/runs/${run.id}/members`, { email });
  target.reset();
  tell(`${email} may take part now.`);
}));
$('graft').addEventListener('submit', telling(({ target }) => run.publish('GRAFT', Object.fromEntries(new FormData(target)))));
addEventListener('hashchange', telling(showRun));
await telling(showMe)();
