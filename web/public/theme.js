// Runs before the first paint, so that a chosen theme never flashes. The policy of the server
// forbids inline scripts; that is why these lines are a file.
try {
  var theme = localStorage.getItem('underpin.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage may be closed to us; the system's theme then holds.
}
