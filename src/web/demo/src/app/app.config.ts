import { APP_BASE_HREF } from '@angular/common';
import { ApplicationConfig, provideBrowserGlobalErrorListeners, provideZonelessChangeDetection } from '@angular/core';
import { provideRouter, UrlSerializer, withComponentInputBinding } from '@angular/router';
import { provideEventTellings } from '@collab/angular/events/sentences';
import { routes } from './app.routes';
import { basePath } from './shared/address';
import { runEvents } from './shared/run-events';
import { WellFormedUrls } from './shared/well-formed-urls';

export const appConfig: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideZonelessChangeDetection(),
    provideRouter(routes, withComponentInputBinding()),
    provideEventTellings(runEvents),
    { provide: UrlSerializer, useClass: WellFormedUrls },
    // The base in the document is relative, which Angular would add to itself.
    { provide: APP_BASE_HREF, useFactory: basePath },
  ],
};
