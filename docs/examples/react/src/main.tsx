import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import './style.css';

const query = new URLSearchParams(location.search);
const runId = query.get('run') ?? '550e8400-e29b-41d4-a716-446655440000';
const user = query.get('user') ?? 'ana';
const server = query.get('server') ?? 'http://127.0.0.1:5080';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App key={runId} runId={runId} user={user} server={server} />
  </StrictMode>,
);
