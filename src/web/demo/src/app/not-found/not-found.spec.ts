import { TestBed } from '@angular/core/testing';
import { provideRouter, withComponentInputBinding } from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { routes } from '../app.routes';

describe('An address at which there is nothing', () => {
  it.each(['/nothing', '/runs', '/runs/a/b', '/Admin'])('says so: %s', async (address) => {
    TestBed.configureTestingModule({ providers: [provideRouter(routes, withComponentInputBinding())] });
    const harness = await RouterTestingHarness.create();
    await harness.navigateByUrl(address);
    const page = harness.routeNativeElement!;
    expect(page.querySelector('h1')?.textContent).toBe('There is nothing here');
    expect(page.querySelector('a')?.getAttribute('href')).toBe('/');
    expect(document.title).toContain('Not found');
  });
});
