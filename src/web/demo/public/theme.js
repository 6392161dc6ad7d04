// What the theme switch chose last; without a choice, the system's preference holds.
try {
  const theme = localStorage.getItem('collab.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // No storage: the system's preference holds.
}
