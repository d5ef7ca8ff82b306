/** Light or dark: as the system says, until the user says otherwise. */
import { byId } from './element.js';

const KEY = 'fgft-theme';

export function startTheme(): void {
  const { documentElement: root } = document;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const button = byId('theme', HTMLButtonElement);
  const isDark = (): boolean => (root.dataset['theme'] ? root.dataset['theme'] === 'dark' : system.matches);
  const show = (): void => {
    button.setAttribute('aria-pressed', String(isDark()));
  };
  const chosen = localStorage.getItem(KEY);
  if (chosen) root.dataset['theme'] = chosen;
  show();
  system.addEventListener('change', show);
  button.addEventListener('click', () => {
    root.dataset['theme'] = isDark() ? 'light' : 'dark';
    localStorage.setItem(KEY, root.dataset['theme']);
    show();
  });
}
