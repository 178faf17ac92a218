/**
 * The page's only script, a convenience: a slider moves a cursor through all strips and shows the preview of its step. Without it the page
 * lacks nothing else. Plain text, since the page's policy admits exactly these bytes by their hash.
 */
export const scrubScript = `
const slider = document.querySelector('.scrub');
const stage = document.querySelector('.stage use');
const captions = JSON.parse(slider.dataset.captions);
const final = stage.getAttribute('href');
slider.hidden = false;
slider.addEventListener('input', () => {
  const column = slider.valueAsNumber;
  document.documentElement.style.setProperty('--cursor', (column + 0.5) / captions.length);
  document.body.classList.add('scrubbing');
  slider.setAttribute('aria-valuetext', captions[column]);
  document.querySelectorAll('.now').forEach((element) => { element.textContent = '· ' + captions[column]; });
  stage.setAttribute('href', '#preview-' + column);
});
slider.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  document.body.classList.remove('scrubbing');
  stage.setAttribute('href', final);
});
`;
