import { Routes } from '@angular/router';

export const routes: Routes = [
  { path: '', pathMatch: 'full', loadComponent: () => import('./home/home').then((m) => m.Home), title: 'Collab' },
  { path: 'runs/:runId', loadComponent: () => import('./run/run-page').then((m) => m.RunPage), title: 'Run · Collab' },
  { path: '**', redirectTo: '' },
];
