import { Routes } from '@angular/router';

export const routes: Routes = [
  { path: '', pathMatch: 'full', title: 'Collab', loadComponent: () => import('./home/home').then((m) => m.Home) },
  { path: 'runs/:runId', loadChildren: () => import('./run/run.routes').then((m) => m.runRoutes) },
  { path: 'admin', title: 'Administration · Collab', loadComponent: () => import('./admin/admin-page').then((m) => m.AdminPage) },
  { path: '**', title: 'Not found · Collab', loadComponent: () => import('./not-found/not-found').then((m) => m.NotFound) },
];
