import { ComponentFixture, TestBed } from '@angular/core/testing';
import { CollabAvatar } from './avatar';

describe('CollabAvatar', () => {
  let fixture: ComponentFixture<CollabAvatar>;
  const show = async (inputs: Readonly<Record<string, string | null>>): Promise<HTMLElement> => {
    fixture = TestBed.createComponent(CollabAvatar);
    for (const [name, value] of Object.entries(inputs)) fixture.componentRef.setInput(name, value);
    await fixture.whenStable();
    return fixture.nativeElement as HTMLElement;
  };

  it('has the initials of the name, and tells by the id who it is', async () => {
    const avatar = await show({ userId: 'u-1', name: 'Ana López' });
    expect([avatar.textContent, avatar.title]).toEqual(['AL', 'Ana López (u-1)']);
    fixture.componentRef.setInput('name', null);
    await fixture.whenStable();
    expect([avatar.textContent, avatar.title]).toEqual(['U1', 'u-1']);
  });

  it('says nothing to screen readers unless it has a label', async () => {
    const avatar = await show({ userId: 'ana' });
    expect([avatar.getAttribute('aria-hidden'), avatar.getAttribute('role')]).toEqual(['true', null]);
    fixture.componentRef.setInput('label', 'ana, here now');
    await fixture.whenStable();
    expect(['aria-hidden', 'role', 'aria-label', 'title'].map((each) => avatar.getAttribute(each))).toEqual([
      null,
      'img',
      'ana, here now',
      'ana, here now',
    ]);
  });

  it('has a ring where it is known that they are here, and is dimmed where they are not', async () => {
    const avatar = await show({ userId: 'ana' });
    expect(avatar.dataset['attendance']).toBeUndefined();
    for (const attendance of ['here', 'away']) {
      fixture.componentRef.setInput('attendance', attendance);
      await fixture.whenStable();
      expect(avatar.dataset['attendance']).toBe(attendance);
    }
  });
});
