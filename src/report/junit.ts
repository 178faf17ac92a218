import type { ExperimentOutcome } from '../study/outcome.ts';

/** One expectation as a test: passed where there is no failure. */
interface TestCase {
  readonly name: string;
  readonly experiment: string;
  readonly failure: string | undefined;
  readonly output: string;
  readonly seconds: number;
}

/**
 * Outcomes as JUnit XML, as CI servers read it: a suite for each experiment, a test for each expectation; the identity, where it was checked, is one too.
 * @param suite what the whole is called
 */
export function junitXml(suite: string, outcomes: readonly ExperimentOutcome[]): string {
  const suites = outcomes.map((outcome) => ({ outcome, cases: casesOf(outcome) }));
  const count = (cases: readonly TestCase[]): string => `tests="${cases.length}" failures="${cases.filter(({ failure }) => failure !== undefined).length}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(suite)}" ${count(suites.flatMap(({ cases }) => cases))}>`,
    ...suites.flatMap(({ outcome, cases }) => [
      `  <testsuite name="${escapeXml(outcome.name)}" ${count(cases)} time="${outcome.cost.seconds}">`,
      ...cases.flatMap(({ name, experiment, failure, output, seconds }) => [
        `    <testcase classname="${escapeXml(`${suite}: ${experiment}`)}" name="${escapeXml(name)}" time="${seconds}">`,
        ...(failure === undefined ? [] : [`      <failure message="${escapeXml(failure)}">${escapeXml(failure)}</failure>`]),
        `      <system-out>${escapeXml(output)}</system-out>`,
        '    </testcase>',
      ]),
      '  </testsuite>',
    ]),
    '</testsuites>', '',
  ].join('\n');
}

function casesOf({ name, expectations, identityHolds, measures, edited, cost }: ExperimentOutcome): TestCase[] {
  const pictures = edited.flatMap(({ seed, folder, fault }) => [`seed ${seed}: ${folder ?? fault ?? 'failed'}`]).join('\n');
  const share = cost.seconds / (expectations.length + (identityHolds === null ? 0 : 1));
  const seconds = Number.isFinite(share) ? Number(share.toFixed(3)) : 0;
  return [
    ...expectations.map(({ measure, passed, reason }) => ({
      name: measure, experiment: name, failure: passed ? undefined : reason, output: `${reason}\n${measures[measure].definition}\n${pictures}`, seconds,
    })),
    ...(identityHolds === null ? [] : [{
      name: 'identity', experiment: name, failure: identityHolds ? undefined : 'the splice with nothing to do changes the prediction', output: 'edits without effect leave the prediction as it is, bit for bit', seconds,
    }]),
  ];
}

/** Text between tags or in an attribute; what XML 1.0 cannot hold becomes a replacement character. */
function escapeXml(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what XML forbids
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .replace(/[&<>"'\n\r\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}
