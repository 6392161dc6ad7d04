// Serves the built files, and renders every other address.
import { AngularNodeAppEngine, createNodeRequestHandler, isMainModule, writeResponseToNodeResponse } from '@angular/ssr/node';
import express from 'express';
import { fileURLToPath } from 'node:url';

const app = express();
const engine = new AngularNodeAppEngine();

app.use(
  express.static(fileURLToPath(new URL('../browser', import.meta.url)), {
    maxAge: '1y',
    index: false,
    redirect: false,
  }),
);
app.use((request, response, next) => {
  engine
    .handle(request)
    .then((page) => (page ? writeResponseToNodeResponse(page, response) : next()))
    .catch(next);
});

if (isMainModule(import.meta.url)) {
  const server = app.listen(Number(process.env['PORT'] ?? 4000), '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}`);
  });
}

/** What the development server and the build ask for. */
export const reqHandler = createNodeRequestHandler(app);
