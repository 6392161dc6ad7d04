import { Routes } from '@angular/router';
import { isServed } from './components/is-served';

export const routes: Routes = [
  { path: '', pathMatch: 'full', title: 'Collab', loadComponent: () => import('./home/home').then((m) => m.Home) },
  { path: 'runs/:runId', loadChildren: () => import('./run/run.routes').then((m) => m.runRoutes) },
  { path: 'admin', title: 'Administration · Collab', loadComponent: () => import('./admin/admin-page').then((m) => m.AdminPage) },
  {
    path: 'components',
    title: 'Components · Collab',
    canMatch: [isServed],
    loadComponent: () => import('./components/components-page').then((m) => m.ComponentsPage),
  },
  { path: '**', title: 'Not found · Collab', loadComponent: () => import('./not-found/not-found').then((m) => m.NotFound) },
];
