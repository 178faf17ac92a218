import { createHash } from 'node:crypto';
import type { ExperimentResult } from '../experiment/experimentResult.ts';
import { axisRow } from './axisRow.ts';
import { chosenRows } from './chosenRows.ts';
import { Html, html } from './html.ts';
import { methodSection } from './methodSection.ts';
import { pageHead } from './pageHead.ts';
import { pictureStore } from './pictureStore.ts';
import { layOutPage } from './reportPage.ts';
import type { RunPictures } from './reportPage.ts';
import { reportStyle } from './reportStyle.ts';
import { scrubScript } from './scrubScript.ts';
import { siteSections } from './siteSections.ts';
import type { StudyPage } from './studies/studyPage.ts';
import { studySections } from './studies/studySections.ts';
import type { Language } from './texts.ts';

/**
 * The report of a traced spec as one HTML file that needs nothing else: it loads nothing, its policy admits only its own style and
 * script, and whatever comes from outside (prompts, labels, names) stands in it as text.
 * @param pictures one per run; only the first few are shown. @param language the one shown first; the other is a click away
 * @param key names the content, see `reportStart`. @param studies what its experiments and sweeps came to
 */
export function runReport(result: ExperimentResult, pictures: readonly RunPictures[], { language, key, studies }: { language: Language; key: string; studies?: StudyPage | undefined }): string {
  const page = layOutPage(result, pictures, studies);
  const style = reportStyle(page.axis);
  const { prompt } = result.runs[0].manifest.definition.sample;
  return html`${new Html(reportStart(language, key))}
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-${sha256(style)}'; script-src 'sha256-${sha256(scrubScript)}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${prompt === '' ? result.modelName : prompt} – DMI Lens</title>
<style>${new Html(style)}</style>
</head>
<body>
<div class="languages">${languageChoice('en', 'English', language)}${languageChoice('ja', '日本語', language)}</div>
${pictureStore(page.pictures)}
${pageHead(page)}
<main>
<div>
${axisRow(page)}
${chosenRows(page)}
${siteSections(page)}
</div>
${page.studies !== undefined && studySections(page.studies)}
</main>
${methodSection(result)}
<script>${new Html(scrubScript)}</script>
</body>
</html>
`.markup;
}

/** The first bytes of a report: enough to tell whether a file is this very report. */
export function reportStart(language: Language, key: string): string {
  return `<!doctype html>\n${html`<html lang="${language}" data-key="${key}">`.markup}`;
}

/** A radio button: the style sheet shows the texts of the one that is on. */
function languageChoice(language: Language, name: string, chosen: Language): Html {
  return html`<input type="radio" name="language" id="${language}"${language === chosen && new Html(' checked')}><label for="${language}" lang="${language}">${name}</label>`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
